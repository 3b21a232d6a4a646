"""What `bench connectors` and `bench closing` compare."""

from __future__ import annotations

import pytest

from benchmarks import closing, connectors, listing
from benchmarks.closing import Measured
from benchmarks.importing import PROGRAMS
from benchmarks.listing import Took
from benchmarks.measure import NotFinished
from benchmarks.node_acts import ACTS, Person
from benchmarks.node_costs import ACT, BARE, KEPT, NODE, Costs
from benchmarks.systems import _moved
from officeflow.catalog.registry import node_type
from officeflow.cli import bench

ANA = Person("ana@acme.example", "1001")


def costs() -> Costs:
    return Costs(
        "identity.find_account",
        "okta",
        {BARE: [0.002, 0.004, 0.9], KEPT: [0.001], ACT: [0.005], NODE: [0.01]},
    )


def test_they_are_among_the_benchmarks() -> None:
    found = bench.benchmarks(bench.FOLDER)
    assert {"connectors", "closing"} <= set(found)
    assert not {"listing", "importing", "node_costs", "systems", "slow_wire"} & set(found)


def test_a_nodes_act_is_compared_with_the_calls_it_makes_and_the_ledger_is_shown_beside_it() -> None:
    told = connectors._of_act(costs())
    assert (told.name, told.value, told.budget) == ("connectors.okta.find_account", 1.25, "max:1.5")
    assert told.measured["node with ledger and all, ms"] == 10.0


def test_the_budget_in_milliseconds_is_of_whole_nodes() -> None:
    told = connectors._of_all([costs(), costs()])
    assert (told.name, told.value, told.budget) == ("connectors.node_ms", 10.0, "max:15")
    assert told.measured["node with ledger against the bare calls, median"] == 2.5


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.type)
def test_its_acts_are_node_types_with_parameters_they_take(act: object) -> None:
    assert isinstance(act, type(ACTS[0]))
    resolved = {
        name: value if isinstance(value, list) or "${{" not in value else ANA.login
        for name, value in act.params.items()
    }
    node_type(act.type).parse(resolved)


def test_a_list_that_is_too_short_is_no_measurement() -> None:
    with pytest.raises(NotFinished, match="3 accounts"):
        listing.compared(lambda: listing.ACCOUNTS, lambda: 3, 1)


def test_lists_are_compared_by_what_passes_and_show_what_is_computed() -> None:
    told = connectors._of_list("google", Took(0.05, 0.01), Took(0.04, 0.02))
    assert told.value == pytest.approx(0.8)
    assert told.met
    assert told.measured["own on a processor, s"] == 0.02


def test_without_connectors_the_same_is_imported_besides() -> None:
    whole, without = PROGRAMS.values()
    assert without.endswith(whole)


def test_closing_is_against_the_slowest_system_of_the_script() -> None:
    measured = Measured(last=[4.0, 6.0, 5.0], script={"okta": [3.0, 3.0], "google": [5.0, 9.0]})
    assert measured.slowest == ("google", 5.0)
    told = closing._result(measured, 7, cloud=0.25, company=0.01)
    assert (told.name, told.value, told.met) == ("closing", 1.0, True)
    assert told.measured["script okta, s"] == 3.0


@pytest.mark.parametrize(
    ("field", "moved"),
    [
        ("389", "4000"),
        ("http://127.0.0.1:389/v2", "http://127.0.0.1:4000/v2"),
        ("dc=acme389,dc=example", "dc=acme389,dc=example"),
        ("s3cret-389", "s3cret-389"),
    ],
)
def test_a_connection_is_led_through_its_wire_by_its_port_alone(field: str, moved: str) -> None:
    assert _moved(field, 389, 4000) == moved
