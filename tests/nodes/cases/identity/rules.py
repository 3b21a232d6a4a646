"""What people should have, by rules."""

from __future__ import annotations

from collections.abc import Mapping

from tests.nodes.case import Case, Params
from tests.nodes.cases.identity.lives import ana_is, done
from tests.nodes.ruled import employ, furnish, settle
from tests.nodes.world import World


def moved_to_sales(world: World) -> Params:
    account_id = furnish(world)
    employ(world, department="Sales")
    settle(world, {"match": {"department": ["Sales"]}, "gives": {"groups": ["Sales"]}})
    return {"account_id": account_id}


def gone(world: World) -> Params:
    furnish(world, active=False)
    return {}


CASES: Mapping[str, Case] = {
    "apply_access": Case(
        params={},
        wrong={"login": "ana@acme.example", "overlap": "two weeks"},
        connection="paper",
        arrange=moved_to_sales,
        effects=done("set_groups"),
        is_undone={"undo": ana_is(lambda ana: ana.groups == ())},
    ),
    "verify_closed": Case(
        params={"external_id": "1001", "connections": ["paper"], "after": []},
        wrong={"login": "ana@acme.example", "after": ["P1D", "PT15M"]},
        arrange=gone,
        changes=False,
    ),
}
