"""`identity.assign_role`."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.families import Family
from officeflow.nodes.identity._entitlements import Held, assigned, gain
from officeflow.nodes.identity._roles import Directory, RoleParams, matter_of, undo_role
from officeflow.sdk import Act, Effect, Node, NodeSpec, Planned


class AssignRole(Node[RoleParams, Directory, Held]):
    """Give an account a role. One that it has already, also by a group, is left as it is."""

    spec = NodeSpec(
        type="identity.assign_role",
        title="Assign role",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The role that it was given is taken from the account again.",
        inverse="identity.unassign_role",
        evidence="The account's roles are read again, and it is among them.",
    )

    def perform(self, params: RoleParams, provider: Directory, act: Act) -> Held:
        matter = matter_of(params, provider, act)
        account_id = matter.account.id
        return assigned(matter, act, lambda: provider.assign_role(account_id, params.role, key=act.key))

    def plan(self, params: RoleParams, provider: Directory, act: Act) -> Sequence[Planned]:
        """The roles before and after it."""
        return (gain(matter_of(params, provider, act)),)

    def undo(self, params: RoleParams, output: Held, provider: Directory, act: Act) -> None:
        undo_role(params, output, provider, act)
