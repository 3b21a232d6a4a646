"""`identity.unassign_licence`."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.families import Family
from officeflow.nodes.identity._entitlements import loss, unassigned
from officeflow.nodes.identity._licences import Directory, LicenceParams, Licensed, undo_licence, wanted_of
from officeflow.sdk import Act, Effect, Node, NodeSpec, Planned


class UnassignLicence(Node[LicenceParams, Directory, Licensed]):
    """Take a licence from an account. One that a group gives is told and left: it has to be taken there.

    What needs the licence may be deleted by the system some time later: take it when that is handed over.
    """

    spec = NodeSpec(
        type="identity.unassign_licence",
        title="Unassign licence",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The licence that was taken is given to the account again.",
        inverse="identity.assign_licence",
        evidence="The account's licences are read again, and the account itself has it no more.",
    )

    def perform(self, params: LicenceParams, provider: Directory, act: Act) -> Licensed:
        wanted = wanted_of(params, provider, act)
        account_id = wanted.matter.account.id
        held = unassigned(
            wanted.matter, act, lambda: provider.unassign_licence(account_id, params.licence, key=act.key)
        )
        return wanted.licensed(held, 1)

    def plan(self, params: LicenceParams, provider: Directory, act: Act) -> Sequence[Planned]:
        """The licences before and after it, and how many seats are left."""
        wanted = wanted_of(params, provider, act)
        return (loss(wanted.matter, wanted.seats(1)),)

    def undo(self, params: LicenceParams, output: Licensed, provider: Directory, act: Act) -> None:
        undo_licence(params, output, provider, act)
