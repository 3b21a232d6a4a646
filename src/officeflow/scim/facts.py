"""What a user of SCIM's says about a user of ours, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from officeflow.addresses import address
from officeflow.rights.permissions import Role
from officeflow.scim.resources import Email, User
from officeflow.scim.writing import LONGEST, MOST_VALUES, as_values, check_text, refuse

KEPT = ("display_name", "name", "emails", "roles")


@dataclass(frozen=True, slots=True)
class Facts:
    """`email` is as `users` has it; `attributes` are those that are shown as they were sent."""

    login: str
    email: str
    name: str
    is_active: bool
    external_id: str | None
    attributes: dict[str, Any]


def facts_of(resource: User) -> Facts:
    """`InvalidValueException` where something cannot be kept, or is no address or role."""
    login = (resource.user_name or "").strip()
    if not login:
        refuse("userName is empty")
    check_text("userName", login)
    check_text("externalId", resource.external_id)
    attributes = resource.model_dump(include=set(KEPT), exclude_none=True)
    _check_texts(attributes)
    _check_roles(resource)
    return Facts(
        login=login,
        email=_address(resource.emails or []),
        name=_name(resource, login)[:LONGEST],
        is_active=resource.active is not False,
        external_id=resource.external_id,
        attributes={name: value for name, value in attributes.items() if name != "schemas"},
    )


def main_email(emails: list[Email]) -> str:
    """The primary one, or else that of work, or else the first; "" where there is none."""
    with_value = [each for each in emails if each.value]
    chosen = sorted(with_value, key=lambda each: (not each.primary, each.type != Email.Type.work))
    return chosen[0].value or "" if chosen else ""


def _address(emails: list[Email]) -> str:
    text = main_email(emails)
    if not text:
        refuse("emails has no address")
    with as_values():
        return address(text).lower()


def _name(resource: User, login: str) -> str:
    """What people read: never empty."""
    name = resource.name
    parts = (name.given_name, name.family_name) if name else ()
    told = (resource.display_name, name.formatted if name else None, " ".join(filter(None, parts)), login)
    return next(each.strip() for each in told if each and each.strip())


def _check_texts(attributes: Any, name: str = "") -> None:
    match attributes:
        case str():
            check_text(name, attributes)
        case dict():
            for key, value in attributes.items():
                _check_texts(value, f"{name}.{key}".removeprefix("."))
        case list():
            if len(attributes) > MOST_VALUES:
                refuse(f"{name} has more than {MOST_VALUES} values")
            for value in attributes:
                _check_texts(value, name)


def _check_roles(resource: User) -> None:
    known = {role.value for role in Role}
    for each in resource.roles or []:
        if each.value is None or each.value.value not in known:
            refuse(f"roles: {str(each.value)[:60]!r} is not one of {', '.join(Role)}")
