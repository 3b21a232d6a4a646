"""What goes to Google about a user: only what somebody set, and lists whole.

`users.update` takes what a patch would, and clears lists too, which `users.patch` does not:
https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/patch
"""

from __future__ import annotations

import secrets
import string
import unicodedata
from collections.abc import Mapping
from typing import Any

from officeflow.connectors.families.identity import Account, AccountChange, NewAccount
from officeflow.connectors.google.identity import Identity
from officeflow.connectors.google.reading import MOBILE, ORGANIZATION, PLAIN, main_organization
from officeflow.connectors.google.types import Entry, User

Body = dict[str, Any]
NAMES = {"given_name": "givenName", "family_name": "familyName", "display_name": "displayName"}
OF_ORGANIZATION = ("title", "department", "location")
PASSWORD_LENGTH = 40
"""Google takes 8 to 100 characters."""


def new_user(account: NewAccount, identity: Identity, custom: Body) -> Body:
    body = _written(account, None, identity, custom, login=account.login)
    body["primaryEmail"] = account.login
    body |= {"password": password(), "changePasswordAtNextLogin": True}
    if account.unit is not None:
        body["orgUnitPath"] = account.unit
    return body if account.active else {**body, "suspended": True}


def changed(user: User, change: AccountChange, identity: Identity, custom: Body) -> Body:
    """`custom` are the custom schemas with their values."""
    return _written(change, user, identity, custom, login=user.primaryEmail)


def with_manager(user: User, manager: str | None) -> Body:
    """`manager` is an address."""
    kept = [each for each in user.relations or [] if each.get("type") != "manager"]
    return {"relations": [*kept, {"type": "manager", "value": manager}] if manager else kept}


def password() -> str:
    """One that nobody knows, with every class of characters that a rule may want."""
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(PASSWORD_LENGTH)) + "aZ7-"


def same(one: str | None, other: str | None) -> bool:
    """Whether a text that was written is the one that is read: blanks around it and how an accent is encoded
    do not count.
    """
    return (
        unicodedata.normalize("NFC", one or "").strip() == unicodedata.normalize("NFC", other or "").strip()
    )


def otherwise(read: Account, wished: NewAccount | AccountChange, attributes: Mapping[str, str]) -> str:
    """What does not read back as it was written, in words."""
    wrong = []
    for name in ("external_id", *NAMES, *OF_ORGANIZATION, "phone"):
        value = getattr(wished, name)
        if value is not None and not same(getattr(read, name), value):
            wrong.append(f"{name} {getattr(read, name) or 'missing'}")
    mails = {each.casefold() for each in read.emails}
    if wished.email and wished.email.casefold() not in mails:
        wrong.append(f"email {read.email}")
    for name, value in attributes.items():
        if not same(read.attributes.get(name), value):
            wrong.append(f"{name} {read.attributes.get(name) or 'missing'}")
    if isinstance(wished, NewAccount):
        wrong += _not_created(read, wished)
    return ", ".join(wrong)


def _not_created(read: Account, wished: NewAccount) -> list[str]:
    checks = (
        (read.login.casefold() == wished.login.casefold(), f"login {read.login}"),
        (read.active is wished.active, f"active {read.active}"),
        (not (wished.external_id and read.foreign), "another organization's mark"),
        (wished.unit is None or (read.unit or "").casefold() == wished.unit.casefold(), f"unit {read.unit}"),
    )
    return [said for right, said in checks if not right]


def _written(
    given: NewAccount | AccountChange, before: User | None, identity: Identity, custom: Body, *, login: str
) -> Body:
    """`before` is the user as it is; lists are written from what they hold already."""
    body: Body = {}
    if names := {
        there: getattr(given, name) for name, there in NAMES.items() if getattr(given, name) is not None
    }:
        body["name"] = {there: value or None for there, value in names.items()}
    for name in PLAIN:
        if name in given.attributes:
            body[name] = given.attributes[name] or None
    organization = {name: getattr(given, name) for name in OF_ORGANIZATION}
    organization |= {there: given.attributes.get(name) for name, there in ORGANIZATION.items()}
    wanted = {name: value for name, value in organization.items() if value is not None}
    if wanted:
        body["organizations"] = _organizations(before.organizations if before else None, wanted)
    phones = {"work": given.phone, MOBILE: given.attributes.get(MOBILE)}
    if any(value is not None for value in phones.values()):
        body["phones"] = _by_type(before.phones if before else None, phones, "value")
    if given.email is not None and given.email.casefold() != login.casefold():
        further = [each for each in (before.emails if before else None) or [] if each.get("type")]
        body["emails"] = _by_type(further, {"work": given.email}, "address")
    if custom:
        body["customSchemas"] = custom
    if given.external_id is not None:
        body = _merged(body, identity.body(given.external_id, before))
    return body


def _organizations(entries: list[Entry] | None, wanted: Mapping[str, str]) -> list[Entry]:
    """The main one with these values; one that nothing is left of goes."""
    main = main_organization(entries)
    new = {**main, **wanted} if main else {"primary": True, **wanted}
    new = {name: value for name, value in new.items() if value != ""}
    others = [each for each in entries or [] if each is not main]
    return [new, *others] if set(new) - {"primary", "type", "customType"} else others


def _by_type(entries: list[Entry] | None, wanted: Mapping[str, str | None], name: str) -> list[Entry]:
    """The list with one value for each of the types; None leaves what there is, an empty text removes it."""
    touched = {kind for kind, value in wanted.items() if value is not None}
    kept = [each for each in entries or [] if each.get("type") not in touched]
    return [*kept, *({"type": kind, name: value} for kind, value in wanted.items() if value)]


def _merged(body: Body, more: Body) -> Body:
    """Custom schemas of both, field by field."""
    schemas = {**body.get("customSchemas", {})}
    for schema, fields in more.get("customSchemas", {}).items():
        schemas[schema] = {**schemas.get(schema, {}), **fields}
    return {**body, **more, **({"customSchemas": schemas} if schemas else {})}
