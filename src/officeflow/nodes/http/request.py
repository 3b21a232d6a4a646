"""`http.request`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.families.http import TakesRequests, WebAnswer, WebRequest
from officeflow.errors import Rejected
from officeflow.marks import SENSITIVE_MARK
from officeflow.sdk import (
    Act,
    Effect,
    FieldChange,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    Planned,
    UrlTemplate,
    irreversible,
    no_change,
)

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", max_length=100)]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]*$", max_length=4000)]
Status = Annotated[int, Field(ge=100, le=599)]
Single = str | int | float | bool

RESERVED = frozenset(
    {
        *(
            "host",
            "content-length",
            "transfer-encoding",
            "connection",
            "upgrade",
            "te",
            "trailer",
            "expect",
            "accept-encoding",
        ),
        *("idempotency-key", "x-correlation-id"),
    }
)
"""Headers that the platform or the protocol sets."""
SECRET = frozenset({"authorization", "proxy-authorization", "cookie"})

SUCCESS = range(200, 300)
GONE = frozenset({404, 410})
WRITES_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SHARE_OF_TIME = 0.9
"""Of the node's time: what is left is for telling why it was too long."""

EFFECTS: Mapping[str, Effect] = {
    "GET": Effect.PURE,
    "HEAD": Effect.PURE,
    "PUT": Effect.IDEMPOTENT,
    "DELETE": Effect.IDEMPOTENT,
}
"""RFC 9110 section 9.2: safe and idempotent methods."""


class Params(NodeParams):
    """What to ask of the connection's system, and what to keep of the answer."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = Field(
        "GET", description="GET and HEAD read; the others change."
    )
    url: UrlTemplate = Field(
        description=(
            "A path below the connection's URL, or a whole address on one of its hosts. Put values in with"
            " urlencode."
        ),
        examples=["/users/{{ employee.external_id | urlencode }}/badge"],
        min_length=1,
        max_length=4000,
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers. Credentials are the connection's.", max_length=50
    )
    query: dict[str, Single | list[Single]] = Field(
        default_factory=dict,
        description="Parameters behind the question mark, encoded here.",
        examples=[{"notify": True}],
        max_length=100,
    )
    body: Any = Field(None, description="What to send: any JSON value, or text.")
    send_as: Literal["json", "text"] = Field("json", description="How the body is sent.")
    expect: list[Status] = Field(
        default_factory=list,
        description=(
            "Statuses that are a success; every 2xx where it is left out. Any other is the error that it"
            " stands for."
        ),
        examples=[[200, 404]],
        max_length=50,
    )
    response: Literal["auto", "json", "text", "none"] = Field(
        "auto",
        description="How the answer's body is read: `auto` by its Content-Type, `none` keeps nothing of it.",
    )
    keep_headers: list[HeaderName] = Field(
        default_factory=lambda: ["Content-Type", "ETag", "Location"],
        description="Headers of the answer to keep.",
        max_length=50,
    )

    @field_validator("headers")
    @classmethod
    def _are_the_nodes_own(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if name.lower() in SECRET:
                raise ValueError(f"{name} says who we are: that belongs into the connection")
            if name.lower() in RESERVED:
                raise ValueError(f"{name} is set by the platform")
        return headers

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", url)
        if scheme and scheme[1].lower() not in {"http", "https"}:
            raise ValueError(f"{scheme[1]} is neither http nor https; a path begins with /")
        if re.match(r"https?://[^/?#{]*@", url):
            raise ValueError("there is a user name or password in it: credentials belong into the connection")
        return url

    @model_validator(mode="after")
    def _has_a_fitting_body(self) -> Params:
        if self.body is not None and self.method not in WRITES_BODY:
            raise ValueError(f"body: {self.method} sends none")
        if self.body is not None and self.send_as == "text" and not isinstance(self.body, str):
            raise ValueError("body: what is sent as text must be text")
        return self


class Result(NodeOutput):
    """The answer."""

    changed: bool = Field(description="Whether something may have changed over there: not with GET and HEAD.")
    status: int = Field(description="The status that was answered.")
    url: str = Field(description="Where the answer came from, after redirects, without the query.")
    headers: dict[str, str] = Field(
        description="The headers that were to be kept, by their names in lower case."
    )
    body: Any = Field(
        None,
        description="The answer's body, JSON or text; null where there is none.",
        json_schema_extra={SENSITIVE_MARK: True},
    )


class Request(Node[Params, TakesRequests, Result]):
    """Call any HTTP API of the organization's, within the hosts and networks that its connection lists.

    The act's idempotency key goes along as `Idempotency-Key`. Reading follows up to five redirects, changing
    follows none. An answer may have 1 MiB.

    A plain refusal (most 4xx) means that nothing was done. After 408, 425, 429 or any 5xx it may be done all
    the same, for a gateway may have answered: then it goes as in the effect above, unless the connection's
    `not_done_statuses` names the status.
    """

    spec = NodeSpec(
        type="http.request",
        title="HTTP request",
        group="Flow",
        effect=Effect.AT_MOST_ONCE,
        family=Family.HTTP,
        evidence="The status and the body that the system answered.",
        effect_note=(
            "GET, HEAD, PUT and DELETE are run again: a second time changes nothing. POST and PATCH are run"
            " again under the same key where the connection's `idempotency_key` is yes; otherwise nobody can"
            " tell, and it stops and asks a person."
        ),
    )

    @classmethod
    def effect_of(cls, params: Params, connection: Callable[[], Connection]) -> Effect:
        if params.method in EFFECTS:
            return EFFECTS[params.method]
        return Effect.KEYED if connection().extra.get("idempotency_key") == "yes" else Effect.AT_MOST_ONCE

    def perform(self, params: Params, provider: TakesRequests, act: Act) -> Result:
        request = _request(params, act)
        answer = provider.send(request, expected=_expected(params, act), key=act.key)
        told = f"{params.method} {answer.url}: {answer.status}"
        if request.writes:
            act.changed(told)
        else:
            act.found(told)
        return Result(
            changed=request.writes,
            status=answer.status,
            url=answer.url,
            headers={
                name: answer.headers[name]
                for name in map(str.lower, params.keep_headers)
                if name in answer.headers
            },
            body=_read(answer, params, act) if params.response != "none" else None,
        )

    def plan(self, params: Params, provider: TakesRequests, act: Act) -> Sequence[Planned]:
        """The request that is sent, and its body. What it does over there only that system knows: nothing is
        asked.
        """
        request = _request(params, act)
        what = f"{request.method} {request.url} at {provider.address}"
        if not request.writes:
            return (no_change(what, "it only reads"),)
        body = [FieldChange(field="body", after=params.body)] if params.body is not None else []
        return (irreversible(what, body, "what it does is not known before"),)


def _request(params: Params, act: Act) -> WebRequest:
    content, kind = _content(params)
    named = {name.lower() for name in params.headers}
    return WebRequest(
        method=params.method,
        url=params.url.strip(),
        headers={
            **({"Content-Type": kind} if kind and "content-type" not in named else {}),
            **params.headers,
        },
        query={
            name: [_text(one) for one in (value if isinstance(value, list) else [value])]
            for name, value in params.query.items()
        },
        content=content,
        keep=params.response != "none",
        seconds=act.seconds * SHARE_OF_TIME,
    )


def _content(params: Params) -> tuple[bytes | None, str]:
    if params.body is None:
        return None, ""
    if params.send_as == "text":
        return str(params.body).encode(), "text/plain; charset=utf-8"
    return json.dumps(params.body, ensure_ascii=False).encode(), "application/json"


def _text(value: Single) -> str:
    """As JSON writes it, without quotes."""
    return value if isinstance(value, str) else json.dumps(value)


def _expected(params: Params, act: Act) -> Container[int]:
    """What is deleted may be gone already when an earlier attempt left no end."""
    expected = frozenset(params.expect or SUCCESS)
    return expected | GONE if params.method == "DELETE" and act.resuming else expected


def _read(answer: WebAnswer, params: Params, act: Act) -> Any:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or kind.endswith("+json")
    if not answer.content:
        return None
    try:
        if params.response == "json" or (params.response == "auto" and is_json):
            return json.loads(answer.content, parse_constant=_no_number)
        if params.response == "text" or kind.startswith("text/") or kind in {"application/xml", ""}:
            return answer.content.decode(_charset(answer))
    except (ValueError, LookupError, RecursionError) as error:
        raise _unreadable(
            f"the answer cannot be read as it should: {type(error).__name__}", answer, params
        ) from error
    act.note(f"{len(answer.content)} bytes of {kind} are not kept")
    return None


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number in JSON")


def _charset(answer: WebAnswer) -> str:
    match = re.search(r"charset=\"?([A-Za-z0-9_.:-]+)", answer.headers.get("content-type", ""), re.IGNORECASE)
    return match[1] if match else "utf-8"


def _unreadable(text: str, answer: WebAnswer, params: Params) -> Rejected:
    return Rejected(
        text,
        provider="http",
        operation=f"{params.method} {answer.url}",
        status=answer.status,
        maybe_done=params.method not in {"GET", "HEAD"},
        hint="response: none does without the answer's body",
    )
