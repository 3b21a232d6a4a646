"""A process that hires somebody at a system is killed with SIGKILL, and another one goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from tests.ledger.test_crashes import Worker
from tests.nodes.world import CONTEXT
from tests.systems.stage import Stage
from tests.systems.system import System
from tests.systems.table import SYSTEMS, pairs

pytestmark = [pytest.mark.integration, pytest.mark.crash]

Params = Mapping[str, Any]
HIRE: Mapping[str, Callable[[Stage, str], Params]] = {
    "create_account": lambda stage, name: {
        "attributes": dict(stage.system.attributes),
        "external_id": f"of-{name}",
        "given_name": name.title(),
        "family_name": "Pérez",
        "email": f"{name}@acme.example",
    },
    "set_manager": lambda stage, _: {"manager": {"login": stage.boss}},
    "add_groups": lambda stage, _: {"groups": [stage.system.groups[0], stage.system.groups[1]]},
    "assign_role": lambda stage, _: {"role": stage.system.role},
    "assign_application": lambda stage, _: {
        "application": stage.system.application,
        "role": stage.system.application_role,
    },
    "assign_licence": lambda stage, _: {"licence": stage.system.licence},
}
POINTS = ("before act", "after act", "after record")
"""Of each node: the process asks for nothing yet, has been told yes, has written it down."""


def moments() -> Iterator[Any]:
    """At Okta every one, the middle of its hire without the mark; elsewhere that between yes and record."""
    for system in SYSTEMS:
        nodes, okta = steps(system), system.provider == "okta"
        for number, node in enumerate(nodes):
            for point in POINTS if okta else POINTS[1:2]:
                shown = okta and number == len(nodes) // 2 and point == "after act"
                name = f"{system.provider}-{node}-{point.replace(' ', '_')}"
                yield pytest.param(system, number, point, id=name, marks=[] if shown else [pytest.mark.long])


def steps(system: type[System]) -> Sequence[str]:
    there = {name for kind, name in pairs() if kind is system and name not in kind.left_out}
    return [name for name in HIRE if name in there]


@pytest.mark.parametrize(("system", "number", "point"), list(moments()))
def test_a_hire_that_is_killed_is_gone_on_with_and_nothing_is_done_twice(
    system: type[System], number: int, point: str, stage: Stage, matrix_url: str
) -> None:
    """As many changes reach the system as with somebody whose hire nobody interrupts."""
    nodes = hire(stage, system, "ana")
    order = {"database": matrix_url, "connection": connection(stage)}
    before = stage.system.writes()
    first = Worker({**order, "nodes": nodes, "stop": point, "stop_node": nodes[number]["node"]})
    try:
        first.stopped(after=number)
        first.kill()
    finally:
        first.close()
    second = Worker({**order, "nodes": [{**node, "try_number": 2} for node in nodes]})
    try:
        results = second.results(len(nodes))
    finally:
        second.close()
    assert [each["status"] for each in results] == ["success"] * len(nodes)
    done = number + (point == "after record")
    assert [each["replayed"] for each in results] == [place < done for place in range(len(nodes))]
    writes = stage.system.writes() - before

    for node in hire(stage, system, "bea"):
        assert stage.run(node["type"], node["params"], node=node["node"]).status == "success"
    assert stage.system.writes() - before == 2 * writes
    ana, bea = (stage.there().people[stage.system.login(name)] for name in ("ana", "bea"))
    assert (ana.number, bea.number) == ("of-ana", "of-bea")
    assert (ana.active, ana.manager, ana.groups) == (bea.active, bea.manager, bea.groups)
    assert (ana.roles, ana.applications, ana.licences) == (bea.roles, bea.applications, bea.licences)


def hire(stage: Stage, system: type[System], name: str) -> list[dict[str, Any]]:
    return [
        {
            "node": f"{step}_{name}",
            "type": f"identity.{step}",
            "org": "acme",
            "dag_id": "acme__matrix",
            "dag_run_id": stage.dag_run_id,
            "params": {"login": stage.system.login(name), **HIRE[step](stage, name)},
            "context": CONTEXT,
            "connection": system.provider,
        }
        for step in steps(system)
    ]


def connection(stage: Stage) -> dict[str, Any]:
    """What a worker opens it with."""
    known = stage.system.connection()
    fields = ("provider", "host", "port", "schema", "login", "password", "extra")
    return {name: getattr(known, name) for name in fields}
