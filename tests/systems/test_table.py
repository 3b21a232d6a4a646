"""Nothing is missing from the matrix without a reason."""

from __future__ import annotations

from officeflow.connectors.families import Family
from officeflow.connectors.providers import providers
from tests.systems.acts import ACTS
from tests.systems.table import SYSTEMS, node_types, pairs


def test_every_system_of_the_family_has_an_entry() -> None:
    """A new connector needs a class in `kinds/` and its name in `table.py`."""
    known = {name for name, each in providers().items() if each.service(Family.IDENTITY)}
    assert {system.provider for system in SYSTEMS} == known


def test_every_node_type_of_the_family_has_an_act() -> None:
    """A new file under officeflow/nodes/identity needs an entry in `acts.py`, a type that is gone none."""
    assert set(ACTS) == set(node_types())


def test_every_node_type_is_tried_at_a_system() -> None:
    tried = {name for system, name in pairs() if name not in system.left_out}
    assert tried == set(node_types())


def test_what_is_left_out_could_be_tried_but_for_its_reason() -> None:
    possible = {(system, name) for system, name in pairs()}
    for system in SYSTEMS:
        for name, reason in system.left_out.items():
            assert reason
            assert (system, name) in possible
