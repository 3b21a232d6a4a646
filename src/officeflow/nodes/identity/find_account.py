"""`identity.find_account`."""

from __future__ import annotations

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import FindsAccounts
from officeflow.errors import NotFound
from officeflow.nodes.identity._accounts import AccountParams, described, look_up, name_of
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec


class Params(AccountParams):
    """Whom to look for."""

    required: bool = Field(False, description="True makes the node fail where there is no such account.")


class Result(NodeOutput):
    """What was found; everything but `found` is empty where nothing was."""

    changed: bool = Field(False, description="Always False: looking changes nothing.")
    found: bool = Field(description="Whether there is such an account.")
    account_id: str | None = Field(None, description="The provider's own id.")
    login: str | None = Field(None, description="User name.")
    external_id: str | None = Field(None, description="Employee number.")
    display_name: str | None = Field(None, description="Name as it is shown.")
    email: str | None = Field(None, description="E-mail address that the provider has.")
    active: bool = Field(False, description="Whether the account can be used.")
    groups: list[str] = Field(default_factory=list, description="Names of the groups it is in.")


class FindAccount(Node[Params, FindsAccounts, Result]):
    """Find a person's account and tell whether it is active and in which groups."""

    spec = NodeSpec(
        type="identity.find_account",
        title="Find account",
        group="Identity",
        effect=Effect.PURE,
        family=Family.IDENTITY,
        evidence="The output is what the provider answered.",
    )

    def perform(self, params: Params, provider: FindsAccounts, act: Act) -> Result:
        account = look_up(params, provider)
        if account is None:
            text = f"no {name_of(params)} at {provider.address}"
            if params.required:
                raise NotFound(f"there is {text}", operation="find_account")
            act.found(text)
            return Result(found=False)
        act.found(f"{described(account)} at {provider.address}")
        return Result(
            found=True,
            account_id=account.id,
            login=account.login,
            external_id=account.external_id,
            display_name=account.display_name,
            email=account.email,
            active=account.active,
            groups=list(account.groups),
        )
