"""`identity.assign_application`."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.families import Family
from officeflow.nodes.identity._assignments import ApplicationParams, Directory, matter_of, undo_application
from officeflow.nodes.identity._entitlements import Held, assigned, gain
from officeflow.sdk import Act, Effect, Node, NodeSpec, Planned


class AssignApplication(Node[ApplicationParams, Directory, Held]):
    """Let an account use an application, in a role of it where it has roles. What it has already, also by a
    group, is left as it is.
    """

    spec = NodeSpec(
        type="identity.assign_application",
        title="Assign application",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The application that it was given is taken from the account again.",
        inverse="identity.unassign_application",
        evidence="The account's applications are read again, and it is among them.",
    )

    def perform(self, params: ApplicationParams, provider: Directory, act: Act) -> Held:
        matter = matter_of(params, provider, act)
        account_id = matter.account.id
        return assigned(
            matter,
            act,
            lambda: provider.assign_application(
                account_id, params.application, role=params.role, key=act.key
            ),
        )

    def plan(self, params: ApplicationParams, provider: Directory, act: Act) -> Sequence[Planned]:
        """The applications before and after it, with their roles."""
        return (gain(matter_of(params, provider, act)),)

    def undo(self, params: ApplicationParams, output: Held, provider: Directory, act: Act) -> None:
        undo_application(params, output, provider, act)
