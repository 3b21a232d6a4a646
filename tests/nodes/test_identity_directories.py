"""Identity nodes at directories over LDAP, as the platform runs them: once, whatever breaks in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.runner.run import run_node
from officeflow.sdk import NodeInput, NodeResult
from tests.connectors.ldap_faults import ADD, MODIFY, Fault, FaultyDirectory
from tests.counterparts.directory import BASE, DirectoryServer
from tests.counterparts.samba import DomainController
from tests.counterparts.slapd import LdapServer
from tests.nodes.world import CONTEXT, TestClock, services_of

pytestmark = pytest.mark.integration

ADA = {"external_id": "1001", "given_name": "Ada", "family_name": "Byron", "display_name": "Ada Byron"}
Run = Callable[..., NodeResult]


def running(database: Database, server: DirectoryServer, provider: str) -> tuple[Run, list[dict[str, Any]]]:
    """Runs a node of the organization; what is put into the list replaces fields of its connection."""
    changes: list[dict[str, Any]] = []
    connection = Connection(
        id="acme.people",
        provider=provider,
        host=server.host,
        port=server.tls_port,
        schema=BASE,
        login=server.service_account,
        password=server.secret,
        extra={"ca_file": str(server.authority), "unit": "People"},
    )
    services = services_of(
        database, lambda _: replace(connection, **(changes[-1] if changes else {})), TestClock()
    )

    def run(node_type: str, params: dict[str, Any], *, node: str = "it", try_number: int = 1) -> NodeResult:
        given = NodeInput(
            node=node,
            type=f"identity.{node_type}",
            org="acme",
            dag_id="acme__directories",
            dag_run_id="manual__1",
            params=params,
            context=CONTEXT,
            connection="people",
            try_number=try_number,
        )
        return run_node(given, services)

    return run, changes


def from_the_first_day_to_the_last(run: Run, server: DirectoryServer, login: str) -> None:
    made = run("create_account", ADA | {"login": login}, node="create")
    assert (made.status, made.output["created"], made.output["active"]) == ("success", True, True), made
    assert run("create_account", ADA | {"login": login}, node="create", try_number=2).output == made.output
    writes = len(server.writes())
    again = run("create_account", ADA | {"login": login}, node="another")
    assert (again.output["created"], again.output["account_id"]) == (False, made.output["account_id"])
    assert len(server.writes()) == writes, "who is there already is not made again"
    whom = {"login": login}
    grouped = run("set_groups", whom | {"groups": ["Staff", "Platform"]}, node="groups")
    assert grouped.status == "success", grouped
    assert len(server.members("Staff")) == 1
    assert run("remove_groups", whom | {"groups": ["Staff"]}, node="fewer").status == "success"
    assert server.members("Staff") == set()
    for node_type, changed in (
        ("suspend_account", True),
        ("suspend_account", False),
        ("reactivate_account", True),
    ):
        result = run(node_type, whom, node=f"{node_type}{changed}")
        assert (result.status, result.output["changed"]) == ("success", changed), result
    assert run("delete_account", whom, node="delete").status == "success"
    assert server.people() == {}


def test_a_person_at_active_directory(
    database: Database, org: Organization, domain_controller: DomainController
) -> None:
    run, _ = running(database, domain_controller, "active_directory")
    from_the_first_day_to_the_last(run, domain_controller, "ada@acme.example")


def test_a_person_at_a_plain_directory(
    database: Database, org: Organization, ldap_server: LdapServer
) -> None:
    run, _ = running(database, ldap_server, "ldap")
    from_the_first_day_to_the_last(run, ldap_server, "ada")


@pytest.mark.parametrize(
    "fault",
    [
        Fault("act_then_drop", frozenset({ADD})),
        Fault("drop", frozenset({MODIFY})),
        Fault("act_then_drop", frozenset({MODIFY}), spared=1),
    ],
    ids=["after it was made", "before its password", "after it was enabled"],
)
def test_an_account_whose_making_broke_off_is_finished_by_the_next_attempt(
    database: Database, org: Organization, domain_controller: DomainController, tmp_path: Path, fault: Fault
) -> None:
    run, changes = running(database, domain_controller, "active_directory")
    wanted = ADA | {"login": "ada@acme.example"}
    with FaultyDirectory(domain_controller, tmp_path).running() as proxy:
        extra = {"ca_file": str(proxy.authority), "unit": "People"}
        changes.append({"port": proxy.port, "extra": extra})
        proxy.fault(fault)
        broken = run("create_account", wanted)
        assert broken.status == "retry"
    changes.clear()
    made = run("create_account", wanted, try_number=2)
    assert (made.status, made.output["created"], made.output["active"]) == ("success", True, True), made
    (entry,) = domain_controller.people().values()
    assert entry["userAccountControl"] == ["512"]
    assert "adminDescription" not in entry
    assert [request["method"] for request in domain_controller.writes()].count("ADD") == 1
