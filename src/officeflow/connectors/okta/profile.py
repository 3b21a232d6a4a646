"""A user's profile in our terms, and what is sent of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import Account, AccountChange, NewAccount
from officeflow.connectors.okta.types import Group, User
from officeflow.errors import Rejected

OPEN = frozenset({"ACTIVE", "PASSWORD_EXPIRED", "PROVISIONED", "RECOVERY", "LOCKED_OUT"})
"""Statuses in which its person gets in, if need be by a new password, the link that they were sent, or when
the lock ends: the account counts as active. Staged, suspended and deprovisioned ones do not."""
FIELDS: Mapping[str, str] = {
    "given_name": "firstName",
    "family_name": "lastName",
    "display_name": "displayName",
    "email": "email",
    "title": "title",
    "department": "department",
    "location": "city",
    "phone": "primaryPhone",
}
"""Okta's attributes, by our fields."""
EMPTIED_BY_TEXT = frozenset({"department", "employeeNumber", "locale"})
"""Attributes that take no null by Okta's description: an empty text is what empties them."""
NAMED = frozenset({"login", "email", "managerId", *FIELDS.values()})
MASTERS = frozenset({"ACTIVE_DIRECTORY", "LDAP"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which attribute holds our person's identity, and what stands before it in a shared organization."""

    attribute: str = "employeeNumber"
    mark: str = ""

    def written(self, external_id: str) -> str:
        return f"{self.mark}:{external_id}" if self.mark and external_id else external_id

    def read(self, value: str | None) -> tuple[str | None, bool]:
        """The identity without its mark, and whether it is another organization's."""
        if not value or not self.mark:
            return value or None, False
        return value.removeprefix(f"{self.mark}:"), not value.startswith(f"{self.mark}:")


def _text(value: object) -> str | None:
    """What an attribute has as text, of whatever type it is; None for nothing and for lists."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) or None if isinstance(value, (str, int, float)) else None


def account_of(
    user: User,
    identity: Identity,
    groups: Iterable[Group] = (),
    ruled: Iterable[Group] = (),
    *,
    groups_known: bool = True,
) -> Account:
    texts = {name: text for name, value in user.profile.items() if (text := _text(value)) is not None}
    ours: dict[str, Any] = {field: texts.get(name) for field, name in FIELDS.items()}
    external_id, foreign = identity.read(texts.get(identity.attribute))
    provider = user.credentials.provider if user.credentials else None
    return Account(
        id=user.id,
        login=user.login,
        active=user.status in OPEN,
        status=user.status,
        external_id=external_id,
        foreign=foreign,
        employee_number=texts.get("employeeNumber"),
        emails=tuple(dict.fromkeys(texts[name] for name in ("email", "secondEmail") if name in texts)),
        manager_id=texts.get("managerId"),
        locked=user.status == "LOCKED_OUT",
        mastered_elsewhere=provider is not None and provider.type in MASTERS,
        attributes={name: text for name, text in texts.items() if name not in NAMED},
        groups=tuple(sorted(group.name for group in groups)),
        ruled_groups=tuple(sorted(group.name for group in ruled)),
        groups_known=groups_known,
        created_at=user.created,
        **ours,
    )


def sent(account: NewAccount | AccountChange, identity: Identity, call: Call) -> dict[str, str | None]:
    """The attributes to send: what somebody set, and nothing else."""
    if named := sorted(NAMED & account.attributes.keys()):
        raise call.error(
            Rejected,
            f"Okta's attribute {named[0]!r} is not set as one of the further ones",
            hint="it has a field, or a node, of its own",
        )
    profile: dict[str, str] = dict(account.attributes)
    if account.external_id is not None:
        profile[identity.attribute] = identity.written(account.external_id)
    profile |= {
        name: value for field, name in FIELDS.items() if (value := getattr(account, field)) is not None
    }
    return {name: _emptied(name) if value == "" else value for name, value in profile.items()}


def _emptied(name: str) -> str | None:
    return "" if name in EMPTIED_BY_TEXT else None


def otherwise(user: User, profile: Mapping[str, str | None]) -> str:
    """What of the profile does not read as it was sent, by name; empty where all does.

    Okta compares logins and e-mail addresses without case, and may write them in lower case.
    """
    wrong = []
    for name, value in profile.items():
        read, wished = _text(user.profile.get(name)) or "", value or ""
        if read != wished and not (name in {"login", "email"} and read.casefold() == wished.casefold()):
            wrong.append(name)
    return ", ".join(sorted(wrong))
