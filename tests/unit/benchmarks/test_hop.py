"""What `bench hop` counts as a hop."""

from __future__ import annotations

import datetime as dt

import pytest

from benchmarks import hop
from officeflow.errors import Unavailable
from officeflow.workflows.models import Definition

NOON = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)


def at(seconds: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=seconds)


def test_a_hop_is_from_an_acts_end_to_the_beginning_of_the_next() -> None:
    acts = [(at(0), at(1)), (at(1.25), at(3)), (at(3.5), at(9))]
    assert hop.hops(acts) == [0.25, 0.5]


def test_an_act_without_an_end_makes_no_figure() -> None:
    with pytest.raises(Unavailable, match="no end"):
        hop.hops([(at(0), None), (at(1), at(2))])


def test_medians_are_compared() -> None:
    (ratio,) = hop.figures([0.02, 0.03, 9.0], [0.1, 0.2, 0.3])
    (length,) = hop.figures_of_length([0.02, 0.02], [0.03] * 499, {"publishing, s": 4.0})
    assert (ratio.name, round(ratio.value, 3), ratio.met) == ("hop", 0.15, True)
    assert (length.name, round(length.value, 3), length.met) == ("hop.500", 1.5, True)
    assert length.measured["in a chain of 500, s"] == 0.03
    assert length.measured["publishing, s"] == 4.0


@pytest.mark.parametrize("nodes", [hop.SHORT, hop.LONG])
def test_its_chains_are_workflows(nodes: int) -> None:
    found = Definition.model_validate(hop.workflow(nodes))
    assert (len(found.nodes), len(found.edges)) == (nodes, nodes - 1)
