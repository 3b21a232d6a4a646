"""Which attributes of a user are written and read, by our names and by Graph's."""

from __future__ import annotations

import re
import secrets
import string
from typing import Any

from officeflow.connectors.call import Call
from officeflow.connectors.entra.settings import EMPLOYEE_ID, EXTENSION, EXTENSION_ATTRIBUTE, Settings
from officeflow.connectors.families.identity import AccountChange, NewAccount
from officeflow.errors import Rejected

PLAIN = (
    "city",
    "companyName",
    "country",
    EMPLOYEE_ID,
    "employeeType",
    "employeeHireDate",
    "faxNumber",
    "mailNickname",
    "mobilePhone",
    "passwordPolicies",
    "postalCode",
    "preferredDataLocation",
    "preferredLanguage",
    "state",
    "streetAddress",
    "usageLocation",
    "userType",
)
"""Plain texts of https://learn.microsoft.com/graph/api/resources/user, beside what we have a name for."""
FIFTEEN_IN = "onPremisesExtensionAttributes"
FIFTEEN = tuple(f"extensionAttribute{number}" for number in range(1, 16))
PHONES = "businessPhones"
NAMED = {
    "given_name": "givenName",
    "family_name": "surname",
    "display_name": "displayName",
    "email": "mail",
    "title": "jobTitle",
    "department": "department",
    "location": "officeLocation",
    "phone": PHONES,
}
LONGEST_EMPLOYEE_ID = 16
LONGEST_NICKNAME = 64
_SELECTED = (
    "id", "userPrincipalName", "accountEnabled", "displayName", "givenName", "surname", "mail", "otherMails",
    "proxyAddresses", "jobTitle", "department", "officeLocation", PHONES, "onPremisesSyncEnabled", FIFTEEN_IN,
    "createdDateTime", "deletedDateTime",
)  # fmt: skip


def extensions(settings: Settings) -> tuple[str, ...]:
    own = (settings.identity,) if EXTENSION.fullmatch(settings.identity) else ()
    return (*own, *settings.extensions)


def selected(settings: Settings, *more: str) -> str:
    """For `$select`."""
    return ",".join(dict.fromkeys((*_SELECTED, *PLAIN, *extensions(settings), *more)))


def marked(external_id: str | None, settings: Settings) -> str | None:
    """An identity as it stands in the tenant."""
    return f"{settings.mark}:{external_id}" if settings.mark and external_id else external_id


def new_user(account: NewAccount, settings: Settings, call: Call) -> dict[str, Any]:
    """What is sent to create it: what somebody set, and what Entra demands."""
    if account.unit is not None:
        raise call.error(Rejected, "Entra has no organizational units: the account cannot be made in one")
    body = _changed(account, settings, call)
    known = " ".join(filter(None, (account.given_name, account.family_name)))
    return {
        "userPrincipalName": account.login,
        "accountEnabled": account.active,
        "displayName": known or account.login,
        "mailNickname": _nickname(account.login),
        **{name: value for name, value in body.items() if value not in (None, [])},
        "passwordProfile": {
            "password": unknown_password(account.login),
            "forceChangePasswordNextSignIn": True,
        },
    }


def changes(change: AccountChange, settings: Settings, call: Call) -> dict[str, Any]:
    """What is sent to change it: null, or an empty list, for what is taken away."""
    return _changed(change, settings, call)


def _changed(given: NewAccount | AccountChange, settings: Settings, call: Call) -> dict[str, Any]:
    values = {graph: getattr(given, name) for name, graph in NAMED.items()}
    texts = {name: value for name, value in values.items() if value is not None} | dict(given.attributes)
    identity = marked(given.external_id, settings)
    if identity is not None:
        if texts.get(settings.identity, identity) != identity:
            raise call.error(
                Rejected, f"{settings.identity} is what says whose the account is, and has another value"
            )
        texts[settings.identity] = identity
    body: dict[str, Any] = {}
    for name, text in texts.items():
        _check(name, text, call)
        if EXTENSION_ATTRIBUTE.fullmatch(name):
            body.setdefault(FIFTEEN_IN, {})[name] = text or None
        else:
            body[name] = ([text] if text else []) if name == PHONES else text or None
    return body


def _check(name: str, text: str, call: Call) -> None:
    known = name in PLAIN or name in NAMED.values()
    if not (known or EXTENSION.fullmatch(name) or EXTENSION_ATTRIBUTE.fullmatch(name)):
        raise call.error(
            Rejected,
            f"Entra has no attribute {name!r} that can be written",
            hint=f"one of {', '.join(PLAIN)}, extensionAttribute1 to 15, or extension_…",
        )
    if name == EMPLOYEE_ID and len(text) > LONGEST_EMPLOYEE_ID:
        raise call.error(
            Rejected,
            f"employeeId holds {LONGEST_EMPLOYEE_ID} characters at most, and {text!r} has {len(text)}",
            hint="keep the identity in another attribute: the connection's identity",
        )


def unknown_password(login: str) -> str:
    """One that nobody knows: 32 characters of four kinds, without the login's first part, which Entra
    refuses in it.
    """
    local = login.partition("@")[0].casefold()
    while local in (password := _random_password()).casefold():
        if not local:
            break
    return password


def _random_password() -> str:
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#%+-_=?")
    characters = [secrets.choice(kind) for kind in kinds]
    characters += [secrets.choice("".join(kinds)) for _ in range(28)]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def _nickname(login: str) -> str:
    """A mail nickname of the login's first part, in the letters that Entra takes."""
    local = login.partition("@")[0]
    found = re.sub(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]", "", local).strip(".")[:LONGEST_NICKNAME]
    return found or f"user-{secrets.token_hex(4)}"
