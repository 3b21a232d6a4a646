"""`identity.restore_account`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from pydantic import Field

from officeflow.connectors.families import Capability, Family
from officeflow.connectors.families.identity import (
    Account,
    DeletesAccounts,
    FindsAccounts,
    RestoresAccounts,
    SuspendsAccounts,
)
from officeflow.errors import Conflict, NotFound
from officeflow.nodes.identity._accounts import AccountParams, described, look_up, name_of
from officeflow.nodes.identity._before import account_before, keep_account
from officeflow.nodes.identity._plans import at
from officeflow.nodes.identity._undo import account_again, delete, suspend
from officeflow.sdk import (
    Act,
    Effect,
    FieldChange,
    Node,
    NodeOutput,
    NodeSpec,
    Planned,
    UndoWay,
    creates,
    no_change,
)


class Params(AccountParams):
    """Whose deleted account to bring back: with an id, its login or employee number says where to look."""


class Result(NodeOutput):
    """The account, which is there again."""

    account_id: str = Field(description="The provider's own id, the one that it had.")
    login: str = Field(description="User name.")
    external_id: str | None = Field(description="Employee number.")
    active: bool = Field(description="Whether it can be used.")
    groups: list[str] = Field(description="Names of the groups that it is in.")


class Directory(FindsAccounts, RestoresAccounts, Protocol):
    """What the node needs of an identity provider."""


class RestoreAccount(Node[Params, Directory, Result]):
    """Bring a deleted account back, as long as the system still keeps it.

    An account that is there is a success, and changes nothing. Where its login was given to somebody else
    since, that is a conflict, and so it is where several deleted accounts fit: then name one by its id.
    """

    spec = NodeSpec(
        type="identity.restore_account",
        title="Restore account",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account is deleted again, or suspended where the workflow says so.",
        undo_ways=(
            UndoWay("delete", "The account is deleted again.", frozenset({Capability.DELETE_ACCOUNTS})),
            UndoWay("suspend", "The account is suspended.", frozenset({Capability.SUSPEND_ACCOUNTS})),
        ),
        inverse="identity.delete_account",
        evidence="The account is read again by its id.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        there = _there_or_deleted(params, provider)
        if isinstance(there, Account):
            act.found(f"{described(there)} at {provider.address}{', deleted' if there.deleted_at else ''}")
            before = account_before(act, there)
            if there.deleted_at is None:
                made = before.deleted_at is not None
                act.note(
                    "an earlier attempt has brought it back"
                    if made
                    else "it is there: nothing is to be brought back"
                )
                return _result(there, changed=made)
            keep_account(act, before)
        after = provider.restore_account(_id_of(there), key=act.key)
        act.changed(f"brought back account {after.login} with id {after.id}")
        act.read_back(described(after))
        return _result(after, changed=True)

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The account that comes back, and when it was deleted."""
        del act
        there = _there_or_deleted(params, provider)
        if not isinstance(there, Account):
            note = "whether it is still kept shows when it is brought back"
            return (creates(f"{name_of(params)} at {provider.address}", note=note),)
        if there.deleted_at is None:
            return (no_change(at(there, provider), "it is there"),)
        was = FieldChange(field="deleted_at", before=there.deleted_at)
        return (creates(at(there, provider), [was], "it is brought back with its id"),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is None:
            return
        if act.way == "suspend":
            suspend(account, cast("SuspendsAccounts", provider), act)  # as the way needs it
        else:
            delete(account, cast("DeletesAccounts", provider), act)


def _id_of(there: Account | str) -> str:
    return there if isinstance(there, str) else there.id


def _there_or_deleted(params: Params, provider: Directory) -> Account | str:
    """The deleted account that is meant, or the one that is there; the id alone where nothing else is given
    to look for a deleted one by.

    `NotFound` where there is neither, `Conflict` where several are meant or the login is somebody else's.
    """
    there = look_up(params, provider)
    if params.account_id is not None and params.login is None and params.external_id is None:
        return there or params.account_id
    deleted = _deleted(params, provider)
    if not deleted:
        if there is None:
            raise NotFound(
                f"no deleted {name_of(params)} is kept at {provider.address}",
                operation="restore_account",
            )
        return there
    if len(deleted) > 1:
        ids = ", ".join(f"{each.login} with id {each.id}" for each in deleted)
        raise Conflict(
            f"{len(deleted)} deleted accounts fit: {ids}",
            operation="restore_account",
            hint="name one of them by account_id",
        )
    holder = there or provider.find_account(login=deleted[0].login)
    if holder is not None:
        raise Conflict(
            f"account {deleted[0].login} cannot come back: {described(holder)} is in its place",
            operation="restore_account",
            hint="rename that account, or the person is to have another one",
        )
    return deleted[0]


def _deleted(params: Params, provider: Directory) -> list[Account]:
    """Never another organization's."""
    found = provider.find_deleted(login=params.login, external_id=params.external_id)
    return [each for each in found if not each.foreign and (params.account_id in {None, each.id})]


def _result(account: Account, *, changed: bool) -> Result:
    return Result(
        changed=changed,
        account_id=account.id,
        login=account.login,
        external_id=account.external_id,
        active=account.active,
        groups=list(account.groups),
    )
