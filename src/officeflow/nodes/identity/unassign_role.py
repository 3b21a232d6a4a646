"""`identity.unassign_role`."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.families import Family
from officeflow.nodes.identity._entitlements import Held, loss, unassigned
from officeflow.nodes.identity._roles import Directory, RoleParams, matter_of, undo_role
from officeflow.sdk import Act, Effect, Node, NodeSpec, Planned


class UnassignRole(Node[RoleParams, Directory, Held]):
    """Take a role from an account. One that a group gives is told and left: it has to be taken there."""

    spec = NodeSpec(
        type="identity.unassign_role",
        title="Unassign role",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The role that was taken is given to the account again.",
        inverse="identity.assign_role",
        evidence="The account's roles are read again, and the account itself has it no more.",
    )

    def perform(self, params: RoleParams, provider: Directory, act: Act) -> Held:
        matter = matter_of(params, provider, act)
        account_id = matter.account.id
        return unassigned(matter, act, lambda: provider.unassign_role(account_id, params.role, key=act.key))

    def plan(self, params: RoleParams, provider: Directory, act: Act) -> Sequence[Planned]:
        """The roles before and after it; one that a group gives is told."""
        return (loss(matter_of(params, provider, act)),)

    def undo(self, params: RoleParams, output: Held, provider: Directory, act: Act) -> None:
        undo_role(params, output, provider, act)
