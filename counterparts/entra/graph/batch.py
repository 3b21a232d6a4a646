"""Up to 20 requests in one: https://learn.microsoft.com/graph/json-batching.

Each part is a request of its own: it is looked at, meets its own faults and is written down by itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from wsgiref.types import WSGIApplication

from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response as Answer

from counterparts.entra.errors import GraphError, malformed
from counterparts.entra.graph.call import Call, odata, refusal
from counterparts.vendors.routes import Response

MOST = 20
Part = Mapping[str, Any]
Serve = Callable[[EnvironBuilder], Answer]


class Inside:
    """Asks the fake itself, once it is made."""

    application: WSGIApplication

    def __call__(self, builder: EnvironBuilder) -> Answer:
        body, status, headers = run_wsgi_app(self.application, builder.get_environ(), buffered=True)
        return Answer(b"".join(body), status, headers)


def run(call: Call, serve: Serve) -> Response:
    parts: list[Part] = call.body["requests"]
    if len(parts) > MOST:
        raise malformed(f"Number of batch request steps exceeds the maximum value of {MOST}.")
    identifiers = [str(part["id"]).lower() for part in parts]
    if len(set(identifiers)) != len(identifiers):
        raise malformed("Duplicate request id found in the batch.")
    answers: dict[str, dict[str, Any]] = {}
    for part in parts:
        needed = [str(each).lower() for each in part.get("dependsOn", [])]
        if not set(needed) <= set(identifiers):
            raise malformed("Invalid dependsOn: it names a request that is not in the batch.")
    waiting = list(parts)
    while waiting:
        ready = next((part for part in waiting if _ready(part, answers)), None)
        if ready is None:
            raise malformed("Invalid dependsOn: the requests wait for each other.")
        waiting.remove(ready)
        answers[str(ready["id"]).lower()] = _answered(call, serve, ready, answers)
    return odata({"responses": list(answers.values())})


def _ready(part: Part, answers: Mapping[str, Any]) -> bool:
    return all(str(each).lower() in answers for each in part.get("dependsOn", []))


def _answered(call: Call, serve: Serve, part: Part, answers: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    failed = [each for each in part.get("dependsOn", []) if answers[str(each).lower()]["status"] >= 400]
    if failed:
        return _refused(part, GraphError(424, "FailedDependency", f"The request {failed[0]} failed."))
    try:
        answer = serve(_request(call, part))
    except ConnectionError:
        return _refused(part, GraphError(504, "UnknownError", "The request was not answered in time."))
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
    shown: dict[str, Any] = {"id": part["id"], "status": answer.status_code, "headers": headers}
    if answer.get_data():
        shown["body"] = _body(answer)
    return shown


def _refused(part: Part, error: GraphError) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    body = json.loads(refusal(error).get_data())
    return {"id": part["id"], "status": error.status, "headers": headers, "body": body}


def _request(call: Call, part: Part) -> EnvironBuilder:
    path, _, query = ("/" + str(part["url"]).lstrip("/")).partition("?")
    headers = {
        "Authorization": call.request.seen.headers.get("authorization", ""),
        **{
            name: value
            for name, value in call.request.seen.headers.items()
            if name in {"client-request-id", "x-correlation-id", "traceparent"}
        },
        **part.get("headers", {}),
    }
    body = part.get("body")
    data = json.dumps(body).encode() if isinstance(body, dict | list) else _decoded(body)
    return EnvironBuilder(
        path=f"/v1.0{path}",
        query_string=query,
        method=str(part["method"]),
        headers=headers,
        data=data,
        base_url=call.request.base,
    )


def _decoded(body: Any) -> bytes | None:
    return None if body is None else base64.b64decode(str(body))


def _body(answer: Answer) -> Any:
    if "json" in (answer.content_type or ""):
        return json.loads(answer.get_data())
    return base64.b64encode(answer.get_data()).decode()
