"""What vendors send to see whether somebody is there who wants to be delivered to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from officeflow.events.webhooks.definition import Challenge
from officeflow.gateway.problems import Refused

ECHOED = re.compile(r"[A-Za-z0-9._~+/=-]{1,300}\Z")
"""What is sent back: nothing that a browser could take for more than text."""
SMALL = 1000
PINGS = frozenset({"ping test", "ping"})
QUERIES = ("hub.challenge", "challenge", "validationToken")


def asked(challenge: Challenge | None, raw: bytes) -> str | None:
    """The answer to a delivery that is a challenge; None for any other."""
    if challenge is None or len(raw) > SMALL:
        return None
    try:
        value = json.loads(raw)
    except ValueError:
        value = raw.decode(errors="replace")
    if challenge is Challenge.PING:
        text = value.get("text") if isinstance(value, dict) and len(value) == 1 else value
        return "pong" if isinstance(text, str) and text.strip().lower() in PINGS else None
    if challenge is Challenge.ECHO and isinstance(value, dict):
        return _echoed(value.get("challenge"))
    return None


def by_query(challenge: Challenge | None, query: bytes) -> str:
    """The answer to a GET. `Refused` where it is no challenge."""
    if challenge is Challenge.ECHO:
        found = parse_qs(query.decode("latin-1"), max_num_fields=20)
        for name in QUERIES:
            if (text := _echoed(*found.get(name, [])[:1])) is not None:
                return text
    raise Refused(405, "method", "a delivery is a POST")


def by_options(challenge: Challenge | None, headers: Mapping[str, str], per_minute: int) -> dict[str, str]:
    """The headers of the answer to OPTIONS (HTTP 1.1 Web Hooks for Event Delivery, section 4.2)."""
    origin = headers.get("webhook-request-origin", "")
    if challenge is not Challenge.ORIGIN or not ECHOED.match(origin):
        raise Refused(405, "method", "a delivery is a POST")
    return {"webhook-allowed-origin": origin, "webhook-allowed-rate": str(per_minute)}


def _echoed(text: object = None) -> str | None:
    return text if isinstance(text, str) and ECHOED.match(text) else None
