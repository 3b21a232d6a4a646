"""`identity.rename_account`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account, FindsAccounts, RenamesAccounts
from officeflow.errors import Conflict, NotUndoable
from officeflow.nodes.identity._accounts import AccountParams, described, locate, look_up
from officeflow.nodes.identity._before import account_before, keep_account
from officeflow.nodes.identity._plans import at
from officeflow.nodes.identity._undo import account_again, is_left_so
from officeflow.sdk import Act, Effect, FieldChange, Node, NodeOutput, NodeSpec, Planned, changes


class Params(AccountParams):
    """Whose account, and its new login."""

    new_login: str = Field(
        description="User name that it gets.",
        examples=["ana.lopez@acme.example"],
        min_length=1,
        max_length=256,
    )
    keep_old: bool = Field(
        True, description="Whether mail to the old login still arrives, where the system has aliases."
    )


class Result(NodeOutput):
    """The account under its new login."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name, the new one.")
    old_login: str = Field(description="User name that it had.")
    aliases: list[str] = Field(description="Its further addresses now.")
    was_alias: bool = Field(description="Whether the new login was one of its further addresses before.")


class Directory(FindsAccounts, RenamesAccounts, Protocol):
    """What the node needs of an identity provider."""


class RenameAccount(Node[Params, Directory, Result]):
    """Give a person's account another login. A login that another account has is a conflict.

    Renaming twice is a success. Where only the old login says whose account it is, a second act under another
    key does not find it any more: better name it by its id or employee number.
    """

    spec = NodeSpec(
        type="identity.rename_account",
        title="Rename account",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account has its old login again, if nobody has renamed it since and that login is free.",
        evidence="The account is read again and has the new login.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = _locate(params, provider, act)
        before = account_before(act, account)
        if account.login == params.new_login:
            made = before.login != account.login
            act.note("an earlier attempt has made it so" if made else "it has this login already")
            return _result(before, account, changed=made)
        keep_account(act, before)
        after = provider.rename_account(account.id, params.new_login, keep_old=params.keep_old, key=act.key)
        act.changed(f"account {account.login} at {provider.address} is {after.login} now")
        act.read_back(described(after))
        return _result(before, after, changed=True)

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The login before and after it, and the further addresses."""
        account = _locate(params, provider, act)
        holder = provider.find_account(login=params.new_login)
        if holder is not None and holder.id != account.id:
            raise Conflict(
                f"{described(holder)} has the login {params.new_login}", operation="rename_account"
            )
        login = FieldChange(field="login", before=account.login, after=params.new_login)
        old = "the old login becomes an alias, where the system has them" if params.keep_old else ""
        return (changes(at(account, provider), [login], old if login.before != login.after else ""),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is None or not is_left_so(
            account.login, left=output.login, before=output.old_login, what="login", act=act
        ):
            return
        try:
            after = provider.rename_account(
                account.id, output.old_login, keep_old=output.was_alias, key=act.key
            )
        except Conflict as error:
            if error.maybe_done:
                raise
            raise NotUndoable(f"its old login cannot be had any more: {error.message}") from error
        act.changed(f"account {account.login} is {after.login} again")
        act.read_back(described(after))


def _locate(params: Params, provider: Directory, act: Act) -> Account:
    """The account, also where an earlier attempt has renamed it already."""
    if params.login is None or look_up(params, provider) is not None:
        return locate(params, provider, act)
    renamed = params.model_copy(update={"login": params.new_login})
    account = look_up(renamed, provider)
    is_named = params.account_id is not None or params.external_id is not None
    if account is not None and (is_named or act.resuming or _had(account, params.login)):
        return locate(renamed, provider, act)
    return locate(params, provider, act)


def _had(account: Account, login: str) -> bool:
    return login.casefold() in {alias.casefold() for alias in account.aliases}


def _result(before: Account, after: Account, *, changed: bool) -> Result:
    return Result(
        changed=changed,
        account_id=after.id,
        login=after.login,
        old_login=before.login,
        aliases=list(after.aliases),
        was_alias=_had(before, after.login),
    )
