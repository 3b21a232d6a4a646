"""A user of Keycloak and an account of ours, each in terms of the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import Account, AccountChange, NewAccount
from officeflow.connectors.keycloak.types import Profile, User, moment
from officeflow.errors import Rejected

EMPLOYEE_NUMBER = "employeeNumber"
MANAGER = "manager"
KEPT: Mapping[str, str] = {
    "display_name": "displayName",
    "title": "title",
    "department": "department",
    "location": "location",
    "phone": "phoneNumber",
}
"""Fields of ours that are attributes there."""
ROOT: Mapping[str, str] = {"given_name": "firstName", "family_name": "lastName", "email": "email"}
"""Fields of ours that are fields there."""
OWN = frozenset({"username", "firstName", "lastName", "email", "enabled", "disabledReason"})
"""Names that no further attribute can have: there are other ways to those."""
VERIFIED, ACTIONS = "emailVerified", "requiredActions"
WRITERS = frozenset({"ENABLED", "ADMIN_EDIT"})
"""Policies under which an administrator writes attributes that the profile does not declare."""

READERS = WRITERS | {"ADMIN_VIEW"}
"""Those under which they are at least shown."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be so: fields of the user (`root`), attributes, required actions. An empty text removes."""

    root: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    verified: bool | None = None
    actions: tuple[str, ...] | None = None

    def root_differs(self, user: User) -> dict[str, str]:
        return {name: text for name, text in self.root.items() if not same(name, _root_of(user, name), text)}

    def attributes_differ(self, user: User) -> dict[str, str]:
        return {
            name: text
            for name, text in self.attributes.items()
            if ", ".join(user.attributes.get(name, [])) != text
        }

    def missing_in(self, user: User) -> list[str]:
        """The names of what the user has otherwise."""
        wrong = [*self.root_differs(user), *self.attributes_differ(user)]
        wrong += [VERIFIED] if self.verified not in {None, user.email_verified} else []
        differs = self.actions is not None and set(self.actions) != set(user.required_actions)
        return wrong + ([ACTIONS] if differs else [])


@dataclass(frozen=True, slots=True)
class Documents:
    """`identity` is the attribute of our person's identity, `mark` what stands before it in a realm that is
    shared.
    """

    identity: str = EMPLOYEE_NUMBER
    mark: str = ""

    def marked(self, external_id: str) -> str:
        return f"{self.mark}:{external_id}" if self.mark and external_id else external_id

    def account(self, user: User, groups: Iterable[str] = (), locked: bool | None = None) -> Account:
        told = {name: ", ".join(values) for name, values in user.attributes.items() if values}
        identity = told.get(self.identity)
        ours = not self.mark or identity is None or identity.startswith(f"{self.mark}:")
        named = {*KEPT.values(), self.identity, EMPLOYEE_NUMBER, MANAGER}
        further = {name: text for name, text in told.items() if name not in named}
        if user.required_actions:
            further[ACTIONS] = ",".join(user.required_actions)
        if user.email_verified is not None:
            further[VERIFIED] = "true" if user.email_verified else "false"
        return Account(
            id=user.id,
            login=user.username,
            active=user.enabled is not False,
            active_told=user.enabled is not None,
            status="locked for good" if user.locked_for_good else None,
            external_id=identity.removeprefix(f"{self.mark}:") if identity and self.mark else identity,
            foreign=not ours,
            employee_number=told.get(EMPLOYEE_NUMBER),
            given_name=user.first_name,
            family_name=user.last_name,
            email=user.email,
            emails=(user.email,) if user.email else (),
            manager_id=told.get(MANAGER),
            locked=True if user.locked_for_good else locked,
            attributes=further,
            groups=tuple(sorted(groups)),
            created_at=moment(user.created_timestamp),
            **{ours: told.get(theirs) for ours, theirs in KEPT.items()},  # type: ignore[arg-type]
        )

    def wish(self, account: NewAccount | AccountChange, call: Call) -> Wish:
        """`Rejected` names what Keycloak has not, or what has another way to it."""
        if getattr(account, "unit", None):
            raise call.error(Rejected, f"{call.provider} has no organizational units")
        root = {theirs: getattr(account, ours) for ours, theirs in ROOT.items()}
        kept = {theirs: getattr(account, ours) for ours, theirs in KEPT.items()}
        further = dict(account.attributes)
        if barred := sorted((OWN | {self.identity}) & further.keys()):
            raise call.error(
                Rejected, f"{barred[0]} is no further attribute", hint="it has a field of its own"
            )
        verified, actions = further.pop(VERIFIED, None), further.pop(ACTIONS, None)
        if verified not in {None, "true", "false"}:
            raise call.error(Rejected, f"{VERIFIED} is true or false, and not {verified!r}")
        kept |= further
        if account.external_id is not None:
            kept[self.identity] = self.marked(account.external_id)
        return Wish(
            root={name: text for name, text in root.items() if text is not None},
            attributes={name: text for name, text in kept.items() if text is not None},
            verified=None if verified is None else verified == "true",
            actions=None if actions is None else tuple(filter(None, map(str.strip, actions.split(",")))),
        )


def body_of(wish: Wish, user: User | None) -> dict[str, object]:
    """What to send: nothing but what differs. Where an attribute does, Keycloak takes what is not sent of
    names, e-mail address and attributes for removed, so all that was read goes back with it.
    """
    if user is None:
        body: dict[str, object] = {name: text for name, text in wish.root.items() if text}
        kept = {name: [text] for name, text in wish.attributes.items() if text}
        body |= {"attributes": kept} if kept else {}
    else:
        body = dict(wish.root_differs(user))
        if different := wish.attributes_differ(user):
            read = {name: _root_of(user, name) for name in ROOT.values()}
            attributes = user.attributes | {name: [text] for name, text in different.items()}
            body = {
                "username": user.username,
                **{name: text for name, text in read.items() if text},
                **body,
                "attributes": {name: values for name, values in attributes.items() if values != [""]},
            }
    if wish.verified is not None and (user is None or user.email_verified is not wish.verified):
        body[VERIFIED] = wish.verified
    if wish.actions is not None and (user is None or set(user.required_actions) != set(wish.actions)):
        body[ACTIONS] = list(wish.actions)
    return body


def lost(before: User, after: User, wish: Wish) -> list[str]:
    """The names of what nobody wanted to change and is different all the same."""
    names = {*before.attributes, *after.attributes} - wish.attributes.keys()
    found = [name for name in names if before.attributes.get(name) != after.attributes.get(name)]
    kept = set(ROOT.values()) - wish.root.keys()
    found += [name for name in kept if not same(name, _root_of(before, name), _root_of(after, name) or "")]
    found += ["enabled"] if before.enabled is not after.enabled else []
    return sorted(found)


def not_writable(profile: Profile, names: Iterable[str]) -> list[str]:
    """Those that Keycloak would drop or leave as they are, by its realm's user profile."""
    declared = {each.name: each for each in profile.attributes}
    open_to_others = profile.unmanaged_attribute_policy in WRITERS
    return [
        name
        for name in names
        if not ("admin" in declared[name].permissions.get("edit", ()) if name in declared else open_to_others)
    ]


def hidden(profile: Profile, name: str) -> bool:
    """Whether an administrator is not shown the attribute."""
    for each in profile.attributes:
        if each.name == name:
            return "admin" not in each.permissions.get("view", ())
    return profile.unmanaged_attribute_policy not in READERS


def same(name: str, told: str | None, wished: str) -> bool:
    """Keycloak writes e-mail addresses in small letters."""
    if name == "email":
        return (told or "").casefold() == wished.casefold()
    return (told or "") == wished


def quoted(value: str) -> str:
    """A value or an attribute's name as it stands in a search. A backslash has no way to be written there:
    `can_be_searched`.
    """
    return '"' + value.replace('"', '\\"') + '"'


def can_be_searched(value: str) -> bool:
    return bool(value) and "\\" not in value


def _root_of(user: User, name: str) -> str | None:
    return {"firstName": user.first_name, "lastName": user.last_name, "email": user.email}[name]
