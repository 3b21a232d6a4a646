"""The audit record beside what Airflow keeps; `tests/airflow/test_connections.py` has a real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.access.rules import parse
from officeflow.access.store import settle
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Organization, Workflow, WorkflowNode
from officeflow.errors import InUse, InvalidInput, NotKnown, Unavailable
from officeflow.tenants.connections import Connections
from officeflow.workflows import uses_of_connections
from tests.tenants.using import add_workflow

pytestmark = pytest.mark.integration

FIELDS = {"url": "https://id.acme.example/scim/v2", "token": "geheim"}
BY = "airflow:ana"


class Kept:
    """Connections as Airflow answers for them; once it `is_away`, nothing is written any more."""

    def __init__(self) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.is_away = False

    def connections(self, prefix: str = "") -> Sequence[Mapping[str, Any]]:
        return [each for key, each in sorted(self.stored.items()) if key.startswith(prefix)]

    def put_connection(
        self,
        connection_id: str,
        conn_type: str,
        *,
        host: str | None = None,
        port: int | None = None,
        schema: str | None = None,
        login: str | None = None,
        password: str | None = None,
        extra: Mapping[str, Any] | None = None,
        description: str | None = None,
    ) -> bool:
        self._answer()
        is_new = connection_id not in self.stored
        self.stored[connection_id] = {
            "connection_id": connection_id,
            "conn_type": conn_type,
            "host": host,
            "port": port,
            "schema": schema,
            "login": login,
            "password": password and "***",
            "extra": None,
            "description": description,
        }
        return is_new

    def delete_connection(self, connection_id: str) -> None:
        self._answer()
        del self.stored[connection_id]

    def _answer(self) -> None:
        if self.is_away:
            raise Unavailable("no answer from Airflow")


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def connections(database: Database, org: Organization, kept: Kept) -> Connections:
    return Connections(database, kept)


def audited(database: Database) -> list[tuple[str, str, str]]:
    with database.service() as session:
        records = session.scalars(select(AuditRecord).order_by(AuditRecord.position))
        return [(each.actor, each.action, each.subject) for each in records]


def test_adding_and_removing_are_audited_under_the_slug_whatever_names_the_organization(
    connections: Connections, database: Database, org: Organization, kept: Kept
) -> None:
    added = connections.add(str(org.org_id), "directory", "scim", FIELDS, check=False, by=BY)
    assert (added.connection.id, added.found) == ("acme.directory", None)
    assert [each.id for each in connections.every("acme")] == ["acme.directory"]
    assert (
        connections.remove(str(org.org_id), "directory", uses_of=uses_of_connections.of, by="airflow:bo")
        == "acme.directory"
    )
    assert kept.stored == {}
    assert audited(database) == [
        (BY, "connection.added", "connection:acme.directory"),
        ("airflow:bo", "connection.removed", "connection:acme.directory"),
    ]


def test_what_can_be_done_is_said_where_nothing_is_given_or_the_name_is_taken(
    connections: Connections,
) -> None:
    connections.add("acme", "directory", "scim", FIELDS, check=False, by=BY)
    with pytest.raises(InvalidInput, match=r"no field is named .*--set.*--unset"):
        connections.edit("acme", "directory", {}, by=BY)
    with pytest.raises(InvalidInput, match=r"connection edit.*connection rotate.*--replace"):
        connections.add("acme", "directory", "scim", FIELDS, check=False, by=BY)


@pytest.fixture
def hiring(database: Database, org: Organization) -> Workflow:
    """Its newest version uses the connection `directory`, and the one before `old`."""
    return add_workflow(database, org, "hiring", [{"a": "old"}, {"b": "directory", "a": "directory"}])


@pytest.mark.usefixtures("hiring")
def test_one_that_an_active_workflow_uses_is_removed_by_force_and_with_a_reason_alone(
    connections: Connections, database: Database, kept: Kept
) -> None:
    for name in ("directory", "old"):
        connections.add("acme", name, "scim", FIELDS, check=False, by=BY)
    assert connections.remove("acme", "old", uses_of=uses_of_connections.of, by=BY) == "acme.old"
    with pytest.raises(InUse) as refused:
        connections.remove("acme", "directory", uses_of=uses_of_connections.of, by=BY)
    (problem,) = refused.value.problems
    assert (problem.path, problem.reason) == ("hiring", "its nodes a, b would fail")
    with pytest.raises(InvalidInput, match="reason"):
        connections.remove("acme", "directory", force=True, uses_of=uses_of_connections.of, by=BY)
    assert list(kept.stored) == ["acme.directory"]
    connections.remove(
        "acme", "directory", force=True, why="it was hacked", uses_of=uses_of_connections.of, by=BY
    )
    with database.service() as session:
        last = session.scalars(select(AuditRecord).order_by(AuditRecord.position.desc())).first()
        assert last is not None
        assert last.details == {"used_by": {"hiring": ["a", "b"]}, "why": "it was hacked"}


def test_one_that_a_nodes_parameters_or_an_access_rule_names_is_in_use_too(
    connections: Connections, database: Database, org: Organization
) -> None:
    looked = add_workflow(database, org, "leaving", [{"closed": ""}], type="identity.verify_closed")
    with database.service() as session:
        [node] = session.scalars(
            select(WorkflowNode).where(WorkflowNode.workflow_id == looked.workflow_id)
        ).all()
        node.params = {"connections": ["mail", "directory"]}
    rules = [{"name": "All", "connections": {"directory": {"groups": ["Staff"]}}}]
    settle(database, "acme", parse({"rules": rules}), why="for a test", by=BY)
    for name in ("directory", "other"):
        connections.add("acme", name, "scim", FIELDS, check=False, by=BY)
    connections.remove("acme", "other", uses_of=uses_of_connections.of, by=BY)
    with pytest.raises(InUse) as refused:
        connections.remove("acme", "directory", uses_of=uses_of_connections.of, by=BY)
    assert [(each.path, each.reason) for each in refused.value.problems] == [
        ("leaving", "its node closed would not be able to look there"),
        ("access rules", "the rule All would give nothing there"),
    ]
    forced: Any = {"force": True, "why": "it is gone"}
    connections.remove("acme", "directory", uses_of=uses_of_connections.of, by=BY, **forced)
    with database.service() as session:
        last = session.scalars(select(AuditRecord).order_by(AuditRecord.position.desc())).first()
        assert last is not None
        assert last.details == {
            "used_by": {"leaving": ["closed"]},
            "access_rules": ["All"],
            "why": "it is gone",
        }


def test_one_that_only_an_inactive_workflow_uses_is_removed(
    connections: Connections, database: Database, hiring: Workflow
) -> None:
    with database.service() as session:
        session.get_one(Workflow, hiring.workflow_id).is_active = False
    connections.add("acme", "directory", "scim", FIELDS, check=False, by=BY)
    assert connections.remove("acme", "directory", uses_of=uses_of_connections.of, by=BY) == "acme.directory"


def test_what_airflow_does_not_take_is_not_audited(
    connections: Connections, database: Database, kept: Kept
) -> None:
    kept.is_away = True
    with pytest.raises(Unavailable):
        connections.add("acme", "directory", "scim", FIELDS, check=False, by=BY)
    kept.is_away = False
    connections.add("acme", "directory", "scim", FIELDS, check=False, by=BY)
    kept.is_away = True
    with pytest.raises(Unavailable):
        connections.remove("acme", "directory", uses_of=uses_of_connections.of, by=BY)
    assert audited(database) == [(BY, "connection.added", "connection:acme.directory")]


def test_what_cannot_be_audited_is_not_done(
    connections: Connections, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections.add("acme", "directory", "scim", FIELDS, check=False, by=BY)
    monkeypatch.setenv("OFFICEFLOW_AUDIT_TAG_KEY", "")
    with pytest.raises(InvalidInput, match="OFFICEFLOW_AUDIT_TAG_KEY"):
        connections.remove("acme", "directory", uses_of=uses_of_connections.of, by=BY)
    with pytest.raises(InvalidInput, match="OFFICEFLOW_AUDIT_TAG_KEY"):
        connections.add(
            "acme", "mail", "smtp", {"host": "mail.example", "sender": "a@acme.example"}, check=False, by=BY
        )
    assert list(kept.stored) == ["acme.directory"]


def test_what_is_wrong_is_refused_before_anything_is_kept(
    connections: Connections, database: Database, kept: Kept
) -> None:
    with pytest.raises(InvalidInput, match="cannot be a connection's name"):
        connections.add("acme", "My Mail", "scim", FIELDS, check=False, by=BY)
    with pytest.raises(NotKnown, match="acne"):
        connections.add("acne", "directory", "scim", FIELDS, check=False, by=BY)
    with pytest.raises(InvalidInput, match="would not work"):
        connections.add("acme", "directory", "scim", {"hots": "x"}, check=False, by=BY)
    with pytest.raises(NotKnown, match="no connection 'mail'"):
        connections.remove("acme", "mail", uses_of=uses_of_connections.of, by=BY)
    assert kept.stored == {}
    assert audited(database) == []
