"""What a source is: who may deliver, in which form, and what a delivery means."""

from __future__ import annotations

import ipaddress
import re
from enum import StrEnum
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from officeflow.errors import InvalidInput, Problem
from officeflow.events.lifecycle import KNOWN_NAMES
from officeflow.events.topics import KINDS

MIB = 1024 * 1024
LARGEST_BODY = 4 * MIB
CEL = Annotated[str, Field(min_length=1, max_length=4096)]
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
"""RFC 9110, section 5.6.2: a token."""


class Format(StrEnum):
    JSON = "json"
    FORM = "form"
    XML = "xml"
    CSV = "csv"
    MULTIPART = "multipart"
    CLOUDEVENTS = "cloudevents"


class Challenge(StrEnum):
    """How a vendor asks, before it delivers, whether somebody is there who wants to be delivered to."""

    ECHO = "echo"
    """The text `challenge` of a JSON body, or `challenge` or `hub.challenge` of a GET, is sent back."""
    PING = "ping"
    """A delivery that only says ping is answered 200."""
    ORIGIN = "origin"
    """OPTIONS with WebHook-Request-Origin (HTTP 1.1 Web Hooks for Event Delivery, section 4)."""


def _header(name: str) -> str:
    if not HEADER.match(name):
        raise ValueError("is not the name of a header")
    return name.lower()


def _network(text: str) -> str:
    return str(ipaddress.ip_network(text, strict=False))


def _kind(text: str) -> str:
    if text not in KINDS:
        raise ValueError(f"is not one of {', '.join(KINDS)}")
    return text


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("is not a time zone such as Europe/Berlin")
    return text


Header = Annotated[str, AfterValidator(_header)]
Network = Annotated[str, AfterValidator(_network)]
Kind = Annotated[str, AfterValidator(_kind)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hmac(_Strict):
    """A keyed hash of what `signs` names, in that order, with `separator` between."""

    scheme: Literal["hmac"] = "hmac"
    header: Header
    algorithm: Literal["sha1", "sha256", "sha384", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = Field("", max_length=20, description="What stands before the signature in its header.")
    signs: tuple[Literal["body", "timestamp"], ...] = Field(("body",), min_length=1, max_length=2)
    separator: str = Field("", max_length=4)
    timestamp_header: Header | None = None
    window_seconds: int = Field(300, ge=1, le=86_400, description="How far the timestamp may be from now.")

    @model_validator(mode="after")
    def _signs_what_it_has(self) -> Hmac:
        if "body" not in self.signs:
            raise ValueError("signs has to name body")
        if ("timestamp" in self.signs) != (self.timestamp_header is not None):
            raise ValueError(
                "timestamp_header goes with timestamp in signs: what is not signed proves nothing"
            )
        return self


class StandardWebhooks(_Strict):
    """https://www.standardwebhooks.com, with its five minutes."""

    scheme: Literal["standard-webhooks"] = "standard-webhooks"


class Basic(_Strict):
    scheme: Literal["basic"] = "basic"
    username: str = Field(min_length=1, max_length=255, pattern=r"^[^:\x00-\x1f]+$")


class Bearer(_Strict):
    """A secret in a header, behind `prefix`."""

    scheme: Literal["bearer"] = "bearer"
    header: Header = "authorization"
    prefix: str = Field("Bearer ", max_length=20)


class MutualTls(_Strict):
    """The proxy in front has checked the client's certificate, and says in `header` whose it was.

    The header counts from trusted proxies alone (OFFICEFLOW_GATEWAY_TRUSTED_PROXIES).
    """

    scheme: Literal["mtls"] = "mtls"
    header: Header = "x-ssl-client-s-dn"
    clients: tuple[str, ...] = Field(min_length=1, description="The header's values that may deliver.")


class Nobody(_Strict):
    """No proof but where it comes from: `networks` has to say that."""

    scheme: Literal["none"] = "none"


Authentication = Annotated[
    Hmac | StandardWebhooks | Basic | Bearer | MutualTls | Nobody, Field(discriminator="scheme")
]


class Value(_Strict):
    """An expression, and how its value is read."""

    value: CEL
    date: str | None = Field(
        None,
        max_length=40,
        description="The form of a date: strptime's, such as %d.%m.%Y, or iso, epoch_s, epoch_ms.",
    )
    zone: Annotated[str, AfterValidator(_zone)] | None = Field(None, description="Of a time that says none.")


Mapped = CEL | Value


class Rule(_Strict):
    """What a delivery is that `when` is true of; `kind` null: nothing that concerns us."""

    when: CEL
    kind: Kind | None


class Definition(_Strict):
    """A source as it is configured, without its secrets."""

    format: Format
    authentication: Authentication
    networks: tuple[Network, ...] = Field((), description="Where deliveries may come from; empty: anywhere.")
    per_minute: int = Field(6000, ge=1, le=10_000_000, description="Deliveries a minute, of all gateways.")
    max_bytes: int = Field(MIB, ge=1, le=LARGEST_BODY, description="Of a body, also unpacked.")
    challenge: Challenge | None = None
    oldest_hours: float | None = Field(
        None, gt=0, le=87_600, description="How old an event may be; an older one is a replay, and refused."
    )
    delimiter: str = Field(",", min_length=1, max_length=1, description="Of CSV.")
    each: CEL | None = Field(None, description="The list in a body of which each item is an event.")
    kinds: tuple[Rule, ...] = Field((), max_length=50)
    kind: CEL | None = Field(None, description="The kind itself, where no rule says it.")
    employee: CEL
    id: tuple[CEL, ...] = Field((), max_length=4, description="What makes a delivery another one.")
    time: Mapped | None = None
    payload: dict[str, Mapped] = Field(default_factory=dict, max_length=100)
    payload_from: CEL | None = Field(None, description="An object that is the payload; `payload` adds to it.")

    @model_validator(mode="after")
    def _says_what_it_is(self) -> Definition:
        if not self.kinds and self.kind is None:
            raise ValueError("neither kinds nor kind says what a delivery is")
        if isinstance(self.authentication, Nobody) and not self.networks:
            raise ValueError("without authentication, networks has to say where deliveries may come from")
        return self

    @property
    def unknown_fields(self) -> list[str]:
        """Payload fields that no kind of event has in its schema: taken, and private."""
        return sorted(set(self.payload) - KNOWN_NAMES)


def parse(document: Any) -> Definition:
    """`InvalidInput` with everything that is wrong."""
    try:
        return Definition.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems = [
            Problem(".".join(str(part) for part in e["loc"]), e["msg"].removeprefix("Value error, "))
            for e in found
        ]
        raise InvalidInput("the source is not valid", problems=problems) from error


def to_json(definition: Definition) -> dict[str, Any]:
    """As it is kept, and as `parse` reads it; what is at its default is left out."""
    document: dict[str, Any] = definition.model_dump(mode="json", exclude_defaults=True)
    document["authentication"]["scheme"] = definition.authentication.scheme
    return document
