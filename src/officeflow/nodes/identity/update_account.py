"""`identity.update_account`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pydantic import Field, model_validator

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import (
    Account,
    AccountChange,
    FindsAccounts,
    UpdatesAccounts,
)
from officeflow.errors import NotUndoable
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._before import account_before, keep_account
from officeflow.nodes.identity._plans import at
from officeflow.nodes.identity._undo import account_again
from officeflow.sdk import Act, Effect, FieldChange, Node, NodeOutput, NodeSpec, Planned, changes, no_change

PLAIN = (
    *("given_name", "family_name", "display_name", "email"),
    *("title", "department", "location", "phone"),
)
ATTRIBUTE = "attributes."


class Params(AccountParams):
    """Whose account, and what is to be different. What is left out, or null, stays as it is and is not sent;
    an empty text removes what is there.
    """

    new_external_id: str | None = Field(
        None, description="Employee number that it gets.", min_length=1, max_length=256
    )
    given_name: str | None = Field(None, description="First name.", max_length=256)
    family_name: str | None = Field(None, description="Last name.", max_length=256)
    display_name: str | None = Field(None, description="Name as it is shown.", max_length=256)
    email: str | None = Field(None, description="E-mail address at work.", max_length=256)
    title: str | None = Field(
        None, description="Job title.", examples=["${{ event.payload.job_title }}"], max_length=256
    )
    department: str | None = Field(
        None, description="Department.", examples=["${{ event.payload.department }}"], max_length=256
    )
    location: str | None = Field(None, description="Where it is worked.", max_length=256)
    phone: str | None = Field(None, description="Telephone number at work.", max_length=256)
    attributes: dict[str, str] = Field(
        default_factory=dict,
        description="Further attributes by the provider's names.",
        examples=[{"costCenter": "4711"}],
        max_length=100,
    )

    @model_validator(mode="after")
    def _names_a_field(self) -> Params:
        if not self.model_fields_set & {*PLAIN, "new_external_id"} and not self.attributes:
            raise ValueError(f"nothing is to be different: give one of {', '.join(PLAIN)} and attributes")
        return self

    def wished(self) -> dict[str, str]:
        """By the field as `Account` calls it; attributes behind `attributes.`."""
        given = {name: getattr(self, name) for name in PLAIN} | {"external_id": self.new_external_id}
        plain = {name: value for name, value in given.items() if value is not None}
        return plain | {f"{ATTRIBUTE}{name}": value for name, value in self.attributes.items()}


class Result(NodeOutput):
    """What is different about the account."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    fields: list[str] = Field(description="Names of the fields that were changed.")
    before: dict[str, str] = Field(description='What they were; "" where they held nothing.')
    after: dict[str, str] = Field(description="What they are, as the provider has it.")
    left: list[str] = Field(
        description="Names of the fields that another system writes, and that were left as they are."
    )


class Directory(FindsAccounts, UpdatesAccounts, Protocol):
    """What the node needs of an identity provider."""


class UpdateAccount(Node[Params, Directory, Result]):
    """Change some fields of a person's account, and no other.

    A field that is so already is not sent. Where another system writes the account's fields (a directory that
    is synchronized from elsewhere), they are left and named: they have to be changed there.
    """

    spec = NodeSpec(
        type="identity.update_account",
        title="Update account",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The fields hold what they held before; one that somebody has changed since is left.",
        evidence="The account is read again, and its fields are told as they are there.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        before = account_before(act, account)
        new, whole = _different(params.wished(), account), _different(params.wished(), before)
        if not new:
            act.note("an earlier attempt has made it so" if whole else "it is so already")
            return _result(before, account, whole)
        if account.mastered_elsewhere:
            act.note(f"another system writes its fields: {', '.join(new)} left as it is there")
            return _result(account, account, {}, left=sorted(new))
        keep_account(act, before)
        after = provider.update_account(account.id, _change(new), key=act.key)
        act.changed(f"changed {', '.join(new)} of account {after.login} at {provider.address}")
        act.read_back(_told(after, new))
        return _result(before, after, whole | new)

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """Field by field, what it holds and what it will."""
        account = locate(params, provider, act)
        new = _different(params.wished(), account)
        if new and account.mastered_elsewhere:
            note = f"another system writes its fields: {', '.join(new)} left as it is there"
            return (no_change(at(account, provider), note),)
        fields = [
            FieldChange(field=name, before=_held(account, name) or None, after=value)
            for name, value in new.items()
        ]
        return (changes(at(account, provider), fields),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is None:
            return
        back = _different(output.before, account)
        if not back:
            act.note("its fields are as before already")
            return
        if others := [name for name in back if _held(account, name) != output.after[name]]:
            raise NotUndoable(f"somebody has changed {', '.join(others)} since: the account is left as it is")
        after = provider.update_account(account.id, _change(back), key=act.key)
        act.changed(f"{', '.join(back)} of account {after.login} as before again")
        act.read_back(described(after))


def _held(account: Account, name: str) -> str:
    """What a field holds; "" where that is nothing."""
    if name.startswith(ATTRIBUTE):
        return account.attributes.get(name.removeprefix(ATTRIBUTE), "")
    return getattr(account, name) or ""


def _different(wished: Mapping[str, str], account: Account) -> dict[str, str]:
    return {name: value for name, value in wished.items() if value != _held(account, name)}


def _change(fields: Mapping[str, str]) -> AccountChange:
    plain: dict[str, Any] = {name: value for name, value in fields.items() if not name.startswith(ATTRIBUTE)}
    further = {
        name.removeprefix(ATTRIBUTE): value for name, value in fields.items() if name.startswith(ATTRIBUTE)
    }
    return AccountChange(**plain, attributes=further)


def _told(account: Account, new: Mapping[str, str]) -> str:
    return f"account {account.login}: " + ", ".join(
        f"{name} {_held(account, name) or 'empty'}" for name in new
    )


def _result(before: Account, after: Account, new: Mapping[str, str], *, left: Sequence[str] = ()) -> Result:
    return Result(
        changed=bool(new),
        account_id=after.id,
        login=after.login,
        fields=list(new),
        before={name: _held(before, name) for name in new},
        after={name: _held(after, name) for name in new},
        left=list(left),
    )
