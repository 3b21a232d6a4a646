"""`identity.delete_account`."""

from __future__ import annotations

from pydantic import Field

from officeflow.catalog.spec import Effect, NodeSpec
from officeflow.connectors.families import IdentityProvider
from officeflow.nodes.base import Act, Node, NodeOutput
from officeflow.nodes.identity._accounts import AccountParams, described, look_up, name_of


class Params(AccountParams):
    """Whose account to delete."""


class Result(NodeOutput):
    """What was deleted; `account_id` and `login` are empty where there was nothing."""

    account_id: str | None = Field(description="The provider's own id that the account had.")
    login: str | None = Field(description="User name that it had.")


class DeleteAccount(Node[Params, IdentityProvider, Result]):
    """Delete a person's account for good. An account that is not there is a success, and changes nothing."""

    spec = NodeSpec(
        type="identity.delete_account",
        title="Delete account",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family="identity",
        irreversible=True,
        evidence="The account is asked for again and is not there.",
    )

    def perform(self, params: Params, provider: IdentityProvider, act: Act) -> Result:
        account = look_up(params, provider)
        if account is None:
            act.found(f"no {name_of(params)} at {provider.address}: nothing to delete")
            return Result(changed=False, account_id=None, login=None)
        act.found(f"{described(account)} at {provider.address}")
        provider.delete_account(account.id, key=act.key)
        act.changed(f"deleted account {account.login} with id {account.id}")
        act.read_back("it is not there any more")
        return Result(changed=True, account_id=account.id, login=account.login)
