"""`identity.assign_licence`."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.families import Family
from officeflow.errors import Rejected
from officeflow.nodes.identity._entitlements import assigned, gain
from officeflow.nodes.identity._licences import Directory, LicenceParams, Licensed, undo_licence, wanted_of
from officeflow.sdk import Act, Effect, Node, NodeSpec, Planned


class AssignLicence(Node[LicenceParams, Directory, Licensed]):
    """Give an account a licence. One that it has already, also by a group, is left as it is."""

    spec = NodeSpec(
        type="identity.assign_licence",
        title="Assign licence",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The licence that it was given is taken from the account again.",
        inverse="identity.unassign_licence",
        evidence="The account's licences are read again, and it is among them.",
    )

    def perform(self, params: LicenceParams, provider: Directory, act: Act) -> Licensed:
        wanted = wanted_of(params, provider, act)
        account_id = wanted.matter.account.id
        held = assigned(
            wanted.matter, act, lambda: provider.assign_licence(account_id, params.licence, key=act.key)
        )
        return wanted.licensed(held, -1)

    def plan(self, params: LicenceParams, provider: Directory, act: Act) -> Sequence[Planned]:
        """The licences before and after it, and how many seats are left."""
        wanted = wanted_of(params, provider, act)
        if wanted.free == 0 and not wanted.matter.of(wanted.matter.there):
            raise Rejected(f"no seat of {wanted.matter.name} is left", operation="assign_licence")
        return (gain(wanted.matter, wanted.seats(-1)),)

    def undo(self, params: LicenceParams, output: Licensed, provider: Directory, act: Act) -> None:
        undo_licence(params, output, provider, act)
