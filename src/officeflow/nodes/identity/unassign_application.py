"""`identity.unassign_application`."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.families import Family
from officeflow.nodes.identity._assignments import ApplicationParams, Directory, matter_of, undo_application
from officeflow.nodes.identity._entitlements import Held, Matter, loss, unassigned
from officeflow.sdk import Act, Effect, Node, NodeSpec, Planned


class UnassignApplication(Node[ApplicationParams, Directory, Held]):
    """Take an application from an account: all of it, or one of its roles. What a group gives is told and
    left: it has to be taken there.
    """

    spec = NodeSpec(
        type="identity.unassign_application",
        title="Unassign application",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The application that was taken is given to the account again.",
        inverse="identity.assign_application",
        evidence="The account's applications are read again, and the account itself has it no more.",
    )

    def perform(self, params: ApplicationParams, provider: Directory, act: Act) -> Held:
        matter = matter_of(params, provider, act)
        account_id = matter.account.id
        return unassigned(
            matter,
            act,
            lambda: provider.unassign_application(account_id, _meant(params, matter), key=act.key),
        )

    def plan(self, params: ApplicationParams, provider: Directory, act: Act) -> Sequence[Planned]:
        """The applications before and after it, with their roles."""
        return (loss(matter_of(params, provider, act)),)

    def undo(self, params: ApplicationParams, output: Held, provider: Directory, act: Act) -> None:
        undo_application(params, output, provider, act)


def _meant(params: ApplicationParams, matter: Matter) -> str:
    """The application; where one role of it is meant, that as the account has it."""
    return matter.own(matter.there)[0] if params.role is not None else params.application
