"""Which attributes a user's profile has: Okta's own, and those that the organization has added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.okta import errors
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

KIND = "userSchema"
REQUIRED = ("login", "email", "firstName", "lastName")
BASE = (
    *REQUIRED, "city", "costCenter", "countryCode", "department", "displayName", "division", "employeeNumber",
    "honorificPrefix", "honorificSuffix", "locale", "manager", "managerId", "middleName", "mobilePhone",
    "nickName", "organization", "postalAddress", "preferredLanguage", "primaryPhone", "profileUrl",
    "secondEmail", "state", "streetAddress", "timezone", "title", "userType", "zipCode",
)  # fmt: skip
LONGEST = {"login": 100, "email": 100, "firstName": 50, "lastName": 50}
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
}


def custom(store: Store) -> Mapping[str, str]:
    """The types of the organization's own attributes, by name."""
    document = store.get(KIND, "default") or {"custom": {}}
    attributes: Mapping[str, str] = document["custom"]
    return attributes


def demand_known(store: Store, profile: Mapping[str, Any]) -> None:
    """Raises `Refused` (400) for what the schema does not have, or has in another type."""
    added = custom(store)
    for name, value in profile.items():
        if name not in BASE and name not in added:
            raise errors.invalid(name, "The attribute is not defined in the user schema")
        if isinstance(value, str) and len(value) > LONGEST.get(name, len(value)):
            raise errors.invalid(name, "The field is too long")
        kinds = KINDS[added.get(name, "string")]
        if value is not None and (
            not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)
        ):
            raise errors.invalid(name, "The value is not of the type that the user schema demands")


def show(request: Request, store: Store) -> Response:
    def section(name: str, kinds: Mapping[str, str], required: tuple[str, ...] = ()) -> Document:
        properties = {key: {"title": key, "type": kind} for key, kind in kinds.items()}
        return {"id": f"#{name}", "type": "object", "properties": properties, "required": list(required)}

    return answer(
        {
            "id": f"{request.base}/meta/schemas/user/default",
            "$schema": "http://json-schema.org/draft-04/schema#",
            "name": "user",
            "title": "User",
            "definitions": {
                "base": section("base", dict.fromkeys(BASE, "string"), REQUIRED),
                "custom": section("custom", custom(store)),
            },
            "type": "object",
        }
    )
