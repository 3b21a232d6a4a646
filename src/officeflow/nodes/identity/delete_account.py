"""`identity.delete_account`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account, DeletesAccounts, FindsAccounts
from officeflow.errors import Conflict, NotFound
from officeflow.nodes.identity._accounts import AccountParams, described, look_up, name_of
from officeflow.nodes.identity._plans import at
from officeflow.sdk import Act, Effect, FieldChange, Node, NodeOutput, NodeSpec, Planned, deletes, no_change


class Params(AccountParams):
    """Whose account to delete."""


class Result(NodeOutput):
    """What was deleted; `account_id` and `login` are empty where there was nothing."""

    account_id: str | None = Field(description="The provider's own id that the account had.")
    login: str | None = Field(description="User name that it had.")


class Directory(FindsAccounts, DeletesAccounts, Protocol):
    """What the node needs of an identity provider."""


class DeleteAccount(Node[Params, Directory, Result]):
    """Delete a person's account for good. An account that is not there is a success, and changes nothing."""

    spec = NodeSpec(
        type="identity.delete_account",
        title="Delete account",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        irreversible=True,
        evidence="The account is asked for again and is not there.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = look_up(params, provider) or self._nearly(params, provider)
        if account is None:
            act.found(f"no {name_of(params)} at {provider.address}: nothing to delete")
            return Result(changed=False, account_id=None, login=None)
        act.found(f"{described(account)} at {provider.address}")
        try:
            provider.delete_account(account.id, key=act.key)
        except NotFound:
            if self._is_there(account.id, provider):
                raise
            act.note("somebody else deleted it meanwhile")
            return Result(changed=False, account_id=account.id, login=account.login)
        act.changed(f"deleted account {account.login} with id {account.id}")
        act.read_back("it is not there any more")
        return Result(changed=True, account_id=account.id, login=account.login)

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The account that is deleted, by its id, with what it holds of the person."""
        account = look_up(params, provider) or self._nearly(params, provider)
        if account is None:
            return (no_change(f"{name_of(params)} at {provider.address}", "there is none"),)
        act.found(f"{described(account)} at {provider.address}")
        held = {"id": account.id, "display_name": account.display_name, "groups": list(account.groups)}
        fields = [FieldChange(field=name, before=value) for name, value in held.items() if value]
        return (deletes(at(account, provider), fields),)

    @staticmethod
    def _is_there(account_id: str, provider: Directory) -> bool:
        try:
            provider.get_account(account_id)
        except NotFound:
            return False
        return True

    @staticmethod
    def _nearly(params: Params, provider: Directory) -> Account | None:
        """The account of this id or login, where only the search by its number did not find it.

        `Conflict` where it has no number that could say whose it is: that is not an account which is not
        there.
        """
        if not params.external_id or not (params.account_id or params.login):
            return None
        holder = look_up(params.model_copy(update={"external_id": None}), provider)
        if holder is None or holder.external_id == params.external_id:
            return holder
        if holder.external_id is None:
            raise Conflict(
                f"{described(holder)} may be employee {params.external_id}'s: nothing is deleted, and it is"
                " there still",
                operation="delete_account",
                hint="name the account by its login or id alone",
            )
        return None
