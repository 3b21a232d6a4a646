"""What a user's fields may hold, beyond what the description says of them.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users#User
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from counterparts.google.addresses import SHAPE
from counterparts.google.failures import invalid, refused
from counterparts.vendors.routes import Refused
from counterparts.vendors.store import Document, Store

LONGEST_NAME = 60
PHONE = re.compile(r"\+[1-9]\d{6,14}")
HASHES = {"MD5": r"[0-9a-fA-F]{32}", "SHA-1": r"[0-9a-fA-F]{40}", "crypt": r"\$?[./0-9A-Za-z$=,]{12,}"}

TYPES: Mapping[str, frozenset[str]] = {
    "addresses": frozenset({"custom", "home", "other", "work"}),
    "emails": frozenset({"custom", "home", "other", "work"}),
    "externalIds": frozenset({"account", "custom", "customer", "login_id", "network", "organization"}),
    "ims": frozenset({"custom", "home", "other", "work"}),
    "keywords": frozenset({"custom", "mission", "occupation", "outlook"}),
    "locations": frozenset({"custom", "default", "desk"}),
    "organizations": frozenset({"", "domain_only", "school", "unknown", "work"}),
    "phones": frozenset(
        {
            "assistant", "callback", "car", "company_main", "custom", "grand_central", "home", "home_fax",
            "isdn", "main", "mobile", "other", "other_fax", "pager", "radio", "telex", "tty_tdd", "work",
            "work_fax", "work_mobile", "work_pager",
        }
    ),
    "relations": frozenset(
        {
            "admin_assistant", "assistant", "brother", "child", "custom", "domestic_partner",
            "dotted_line_manager", "exec_assistant", "father", "friend", "manager", "mother", "parent",
            "partner", "referred_by", "relative", "sister", "spouse",
        }
    ),
    "websites": frozenset(
        {"app_install_page", "blog", "custom", "ftp", "home", "home_page", "other", "profile", "reservations",
         "resume", "work"}
    ),
}  # fmt: skip
"""The lists of objects, and the types that their entries may have."""
VALUED = frozenset({"externalIds", "keywords", "phones", "relations", "websites"})
"""Those whose entries have a `value`."""
LISTS = frozenset({*TYPES, "languages", "posixAccounts", "sshPublicKeys"})

FIELD_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "STRING": lambda value: isinstance(value, str),
    "EMAIL": lambda value: isinstance(value, str) and bool(SHAPE.fullmatch(value)),
    "PHONE": lambda value: isinstance(value, str),
    "DATE": lambda value: isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)),
    "BOOL": lambda value: isinstance(value, bool),
    "DOUBLE": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "INT64": lambda value: not isinstance(value, bool) and bool(re.fullmatch(r"-?\d{1,19}", str(value))),
}


def check(store: Store, user: Mapping[str, Any]) -> None:
    """Raises `Refused` where Google takes the profile's fields not as they are."""
    name = user.get("name") or {}
    for field, said in (("givenName", "GivenName"), ("familyName", "FamilyName")):
        if not 0 < len(name.get(field) or "") <= LONGEST_NAME:
            raise refused(400, "invalid", f"Invalid Given/Family Name: {said}")
    if len(name.get("displayName") or "") > 256:
        raise invalid("display_name")
    if (email := user.get("recoveryEmail")) and not SHAPE.fullmatch(email):
        raise invalid("recovery_email")
    if (phone := user.get("recoveryPhone")) and not PHONE.fullmatch(phone):
        raise invalid("recovery_phone")
    for field, types in TYPES.items():
        _check_list(field, types, user.get(field) or [])
    _check_custom(store, user.get("customSchemas") or {})


def check_password(password: str, function: str | None) -> None:
    """Of 8 to 100 characters where it is plain, of the function's form where it is hashed."""
    if function is None:
        if not 8 <= len(password) <= 100:
            raise refused(400, "invalid", "Invalid Password")
    elif function not in HASHES:
        raise invalid("hash_function")
    elif not re.fullmatch(HASHES[function], password):
        raise refused(400, "invalid", "Invalid Password")


def _check_list(field: str, types: frozenset[str], entries: Any) -> None:
    if not isinstance(entries, list):
        raise invalid(field)
    primaries = 0
    for entry in entries:
        if not isinstance(entry, dict):
            raise invalid(field)
        kind = entry.get("type")
        if kind is not None and kind not in types:
            raise invalid(field)
        needed = "address" if field == "emails" else "value" if field in VALUED else None
        if needed and not entry.get(needed):
            raise invalid(field)
        primaries += bool(entry.get("primary"))
    if primaries > 1 and field != "emails":
        raise invalid(field)


def _check_custom(store: Store, schemas: Mapping[str, Any]) -> None:
    known = {each["schemaName"]: each for each in store.all("schemas")}
    for name, values in schemas.items():
        if name not in known or not isinstance(values, dict):
            raise _wrong_schema(name)
        specs = {spec["fieldName"]: spec for spec in known[name]["fields"]}
        for field, value in values.items():
            if field not in specs or not _fits(specs[field], value):
                raise _wrong_schema(name)


def _fits(spec: Document, value: Any) -> bool:
    fits = FIELD_TYPES[spec["fieldType"]]
    if not spec.get("multiValued"):
        return fits(value)
    return isinstance(value, list) and all(
        isinstance(each, dict) and "value" in each and fits(each["value"]) for each in value
    )


def _wrong_schema(name: str) -> Refused:
    del name  # it is the caller's text
    return invalid("custom_schema")
