"""What a connection to Google has of its own: a service account's key, as Google's console gives it (a JSON
file), and a customer's id.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from officeflow.connectors import kinds
from officeflow.connectors.assertions import checked_key
from officeflow.errors import InvalidInput

TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
CUSTOMER = re.compile(r"C[0-9a-z]{4,40}")
HINT = "it is the JSON file that the console gives for a service account's key; give it by --from-file"


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    email: str
    key_id: str
    private_key: str = field(repr=False)
    token_uri: str = TOKEN_URI


def read(text: str, *, source: str) -> ServiceAccount:
    """`InvalidInput`, which never shows it, where it is no service account's key."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{source}: that is no key of a service account", hint=HINT) from error
    if not isinstance(found, dict) or found.get("type") != "service_account":
        raise InvalidInput(f"{source}: that is no key of a service account", hint=HINT)
    parts = [found.get(name) for name in ("client_email", "private_key_id", "private_key")]
    email, key_id, private_key = (part if isinstance(part, str) else "" for part in parts)
    if not (email and key_id and private_key):
        raise InvalidInput(f"{source}: client_email, private_key_id or private_key is missing", hint=HINT)
    token_uri = str(found.get("token_uri") or TOKEN_URI)
    return ServiceAccount(email, key_id, checked_key(private_key, source=source), token_uri)


KEY = kinds.Kind(name="service_account_key", parse=read)


def _customer_id(text: str, *, source: str) -> str:
    if not CUSTOMER.fullmatch(text):
        raise InvalidInput(f"{source}: {text!r} is no customer id", hint="such as C03az79cb")
    return text


CUSTOMER_ID = kinds.Kind(name="customer_id", parse=_customer_id)
