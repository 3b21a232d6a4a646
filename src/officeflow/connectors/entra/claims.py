"""Claims of SAML assertions: https://learn.microsoft.com/entra/identity-platform/reference-claims-customization."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from officeflow.connectors.call import Call
from officeflow.connectors.entra.settings import EXTENSION
from officeflow.errors import Rejected

NAME_ID = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"
SOURCES = ("user", "application", "resource", "audience", "company")
Entry = dict[str, Any]


def source(text: str, call: Call) -> str:
    """Where a claim comes from, in one form: `user.mail`, `extension_…`, or a constant in quotes.

    `Rejected` where it is none of these.
    """
    if EXTENSION.fullmatch(text) or _is_constant(text):
        return text
    place, dot, name = text.partition(".")
    if not dot:
        place, name = "user", text
    if place not in SOURCES or not name.isalnum():
        raise call.error(
            Rejected,
            f"{text!r} is nothing that a claim can come from",
            hint='an attribute such as user.mail, a directory extension, or a constant in quotes: "text"',
        )
    return f"{place}.{name.lower()}"


def of(definitions: Iterable[str]) -> dict[str, str]:
    """What a policy's definitions put into an assertion, by the claim's name, each with where it comes
    from.
    """
    return {
        str(entry["SamlClaimType"]): told
        for entry in _entries(definitions)
        if entry.get("SamlClaimType") and (told := _source(entry))
    }


def merged(definitions: Iterable[str], wanted: Mapping[str, str]) -> list[str]:
    """The definitions with these claims in them; others stay as they are."""
    known = list(definitions)
    entries = [each for each in _entries(known) if each.get("SamlClaimType") not in wanted]
    policy = {
        **_policy(known),
        "Version": 1,
        "ClaimsSchema": [*entries, *(_entry(name, told) for name, told in wanted.items())],
    }
    policy.setdefault("IncludeBasicClaimSet", "true")
    return [json.dumps({"ClaimsMappingPolicy": policy})]


def _policy(definitions: Iterable[str]) -> dict[str, Any]:
    for each in definitions:
        try:
            found = json.loads(each)["ClaimsMappingPolicy"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    return {}


def _entries(definitions: Iterable[str]) -> list[Entry]:
    found = _policy(definitions).get("ClaimsSchema")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _entry(name: str, told: str) -> Entry:
    if _is_constant(told):
        return {"Value": told[1:-1], "SamlClaimType": name}
    if EXTENSION.fullmatch(told):
        return {"Source": "user", "ExtensionID": told, "SamlClaimType": name}
    place, _, attribute = told.partition(".")
    return {"Source": place, "ID": attribute, "SamlClaimType": name}


def _source(entry: Mapping[str, Any]) -> str:
    if "Value" in entry:
        return f'"{entry["Value"]}"'
    if entry.get("ExtensionID"):
        return str(entry["ExtensionID"])
    place, attribute = entry.get("Source"), entry.get("ID")
    return f"{place}.{str(attribute).lower()}" if place and attribute else ""


def _is_constant(text: str) -> bool:
    return len(text) >= 2 and text[0] == text[-1] == '"'
