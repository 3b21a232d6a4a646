"""A user of Google's as an account in our terms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from officeflow.connectors.families.identity import Account
from officeflow.connectors.google.identity import Identity
from officeflow.connectors.google.types import Entry, User, value_of

ORGANIZATION = {"costCenter": "costCenter", "employeeType": "description"}
"""Attributes that stand in the user's organization, by our name: Google's name there. `employeeType` is what
the Admin console calls so."""
MOBILE = "mobile"
PLAIN = ("recoveryEmail", "recoveryPhone")


def account(
    user: User, identity: Identity, *, groups: Collection[str] = (), manager_id: str | None = None
) -> Account:
    name = user.name
    external_id, foreign = identity.read(user)
    organization = main_organization(user.organizations)
    aliases = tuple(user.aliases or ())
    return Account(
        id=user.id,
        login=user.primaryEmail,
        active=user.active and user.deletionTime is None,
        status="archived" if user.archived else "suspended" if user.suspended else "active",
        external_id=external_id,
        foreign=foreign,
        employee_number=value_of(user.externalIds, "organization"),
        given_name=name.givenName if name else None,
        family_name=name.familyName if name else None,
        display_name=name.displayName if name else None,
        email=user.primaryEmail,
        emails=_emails(user, aliases),
        aliases=aliases,
        title=_told(organization.get("title")),
        department=_told(organization.get("department")),
        location=_told(organization.get("location")),
        phone=value_of(user.phones, "work"),
        manager_id=manager_id,
        unit=user.orgUnitPath,
        attributes=_attributes(user, organization),
        groups=tuple(sorted(groups)) if groups else (),
        created_at=user.creationTime,
        deleted_at=user.deletionTime,
    )


def main_organization(entries: list[Entry] | None) -> Entry:
    """The one that is marked as primary, else the first."""
    found = entries or []
    return next((each for each in found if each.get("primary")), found[0] if found else {})


def text_of(value: Any) -> str:
    """A custom field's value as it is given to write it."""
    if isinstance(value, list):
        return ", ".join(text_of(each.get("value") if isinstance(each, Mapping) else each) for each in value)
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _attributes(user: User, organization: Entry) -> dict[str, str]:
    found = {name: value for name in PLAIN if (value := getattr(user, name))}
    if organization:
        found |= {
            name: value for name, there in ORGANIZATION.items() if (value := _told(organization.get(there)))
        }
    if user.phones and (mobile := value_of(user.phones, MOBILE)):
        found[MOBILE] = mobile
    for schema, values in (user.customSchemas or {}).items():
        for field, value in values.items():
            if value is not None:
                found[f"{schema}.{field}"] = text_of(value)
    return found


def _emails(user: User, aliases: tuple[str, ...]) -> tuple[str, ...]:
    """Every address once, the primary one first."""
    found = dict.fromkeys((user.primaryEmail, *aliases))
    for each in user.emails or ():
        if address := each.get("address"):
            found[str(address)] = None
    for googles_own in user.nonEditableAliases or ():
        found.pop(googles_own, None)
    return tuple(found)


def _told(value: object) -> str | None:
    return str(value) if value not in (None, "") else None
