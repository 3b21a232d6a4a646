"""`identity.end_sessions`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import EndsSessions, FindsAccounts, Session
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
    irreversible,
    no_change,
)


class Params(AccountParams):
    """Whose sessions and tokens to end."""


class Result(NodeOutput):
    """What was ended."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    ended: int | None = Field(
        description="How many sessions, tokens and application passwords; null where that is not told."
    )
    told: str = Field(description="What was ended and how that was seen, in words.")


class Directory(FindsAccounts, EndsSessions, Protocol):
    """What the node needs of an identity provider."""


class EndSessions(Node[Params, Directory, Result]):
    """Sign a person out everywhere: sessions end, and tokens and application passwords let nobody in any
    more. The account stays as it is: to keep its person out, suspend it first.
    """

    spec = NodeSpec(
        type="identity.end_sessions",
        title="End sessions",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        irreversible=True,
        evidence="They are asked for again and none is left, where the system lists them.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        there = provider.sessions_of(account.id)
        if there is not None and not there:
            act.note("it has no session and no token")
            return Result(changed=False, account_id=account.id, login=account.login, ended=0, told="none")
        act.found(_counted(there) if there else "its sessions are not told")
        told = provider.end_sessions(account.id, key=act.key)
        act.changed(f"signed account {account.login} out at {provider.address}: {told}")
        return Result(
            account_id=account.id,
            login=account.login,
            ended=len(there) if there is not None else None,
            told=told,
        )

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The sessions, tokens and application passwords that end, where the system lists them."""
        account = locate(params, provider, act)
        there = provider.sessions_of(account.id)
        if there is None:
            return (irreversible(at(account, provider), note="the system does not tell which sessions end"),)
        if not there:
            return (no_change(at(account, provider), "it has no session and no token"),)
        names = [f"{each.kind.replace('_', ' ')} {each.name}" for each in there]
        return (irreversible(at(account, provider), [FieldChange(field="sessions", before=names, after=[])]),)


def _counted(there: Sequence[Session]) -> str:
    """`2 session, 1 app password`."""
    kinds = Counter(each.kind.replace("_", " ") for each in there)
    return "it has " + ", ".join(f"{kind}: {count}" for kind, count in kinds.items())
