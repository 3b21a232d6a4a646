"""`identity.give_temporary_access`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Protocol

from pydantic import AwareDatetime, Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import FindsAccounts, GivesTemporaryAccess
from officeflow.nodes.identity._accounts import AccountParams, locate
from officeflow.nodes.identity._plans import at
from officeflow.sdk import (
    Act,
    Effect,
    FieldChange,
    Node,
    NodeOutput,
    NodeSpec,
    Planned,
    Sensitive,
    irreversible,
)


class Params(AccountParams):
    """Who gets in, and for how long."""

    minutes: int = Field(60, description="How long it may be used; the system has limits.", ge=1, le=43_200)
    once: bool = Field(True, description="Whether it may be used a single time.")


class Result(NodeOutput):
    """What its person signs in with: for later nodes, shown nowhere."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    secret: Annotated[str, Sensitive] = Field(description="The password, passcode or link.")
    kind: Literal["password", "passcode", "link"] = Field(description="Which of these it is.")
    until: AwareDatetime | None = Field(description="Until when; null where it does not end by itself.")
    once: bool = Field(description="Whether it may be used a single time.")


class Directory(FindsAccounts, GivesTemporaryAccess, Protocol):
    """What the node needs of an identity provider."""


class GiveTemporaryAccess(Node[Params, Directory, Result]):
    """Give a person something to sign in with for a short time, as on the first day or without their
    telephone. What they were given before ends.
    """

    spec = NodeSpec(
        type="identity.give_temporary_access",
        title="Give temporary access",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        irreversible=True,
        evidence="What the system gave, and until when.",
        effect_note="It is run again: what was given before ends, and only the last one is given on.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        access = provider.give_temporary_access(
            account.id, minutes=params.minutes, once=params.once, key=act.key
        )
        until = f" until {access.until.isoformat(timespec='minutes')}" if access.until else ""
        act.changed(f"a {access.kind} lets account {account.login} in at {provider.address}{until}")
        return Result(
            account_id=account.id,
            login=account.login,
            secret=access.secret,
            kind=access.kind,
            until=access.until,
            once=access.once,
        )

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """That access is given and for how long, never by what."""
        account = locate(params, provider, act)
        fields = [
            FieldChange(field="access", secret=True),
            FieldChange(field="minutes", after=params.minutes),
            FieldChange(field="once", after=params.once),
        ]
        return (irreversible(at(account, provider), fields, "what it was given before ends"),)
