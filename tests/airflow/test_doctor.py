"""`officeflow doctor` and `status` with a real Airflow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Workflow, WorkflowNode
from officeflow.doctor import airflow as area
from officeflow.doctor import clocks, connections
from officeflow.doctor.examination import subject_of
from officeflow.doctor.finding import Finding, Outcome, Subject
from officeflow.errors import OfficeFlowError
from officeflow.ids import new_id
from officeflow.layout import Layout
from officeflow.monitoring import activity as activity_module
from officeflow.monitoring.activity import activity
from officeflow.monitoring.consumer_lag import group_lag
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.dag_factory.conftest import Published, definition, published

__all__ = ["published"]

pytestmark = pytest.mark.integration

FINE, WARNED, WRONG = Outcome.OK, Outcome.WARNING, Outcome.PROBLEM


@pytest.fixture
def subject(
    airflow: EmbeddedAirflow, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Subject:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.setup.url)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_PASSWORD", airflow.setup.service_password)
    return subject_of(Layout(home=tmp_path, servers=tmp_path))


def outcomes(findings: Iterator[Finding]) -> list[Outcome]:
    return [finding.outcome for finding in findings]


def test_a_running_airflow_answers_is_healthy_and_keeps_our_time(subject: Subject) -> None:
    assert outcomes(area.answers(subject)) == [FINE]
    eventually(lambda: outcomes(area.components(subject)) == [FINE])
    assert outcomes(area.login(subject)) == [FINE]
    assert outcomes(clocks.airflow(subject)) == [FINE]


def test_a_component_that_is_gone_is_a_problem(subject: Subject, airflow: EmbeddedAirflow) -> None:
    airflow.supervisor.stop(["airflow-triggerer"])
    try:
        (found,) = eventually(lambda: [each for each in area.components(subject) if each.outcome is WRONG])
        assert "triggerer" in found.says
        assert "airflow-triggerer" in found.do
    finally:
        airflow.supervisor.start(["airflow-triggerer"])
        airflow.await_ready("airflow-triggerer")


def test_definitions_are_checked_by_a_process_beside_the_dag_processor_that_ends_with_it(
    subject: Subject, airflow: EmbeddedAirflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_CHECK_SOCKET", airflow.setup.environment["OFFICEFLOW_CHECK_SOCKET"])
    subject = subject_of(subject.layout)
    assert outcomes(area.checks(subject)) == [FINE]
    airflow.supervisor.stop(["airflow-dag-processor"])
    try:
        (found,) = area.checks(subject)
        assert found.outcome is WARNED
        assert "no process is ready" in found.says
    finally:
        airflow.supervisor.start(["airflow-dag-processor"])
    eventually(lambda: outcomes(area.checks(subject)) == [FINE])


def test_a_password_that_airflow_does_not_take_is_an_error_of_the_login_alone(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_PASSWORD", "wrong")
    other = subject_of(subject.layout)
    assert outcomes(area.answers(other)) == [FINE]
    with pytest.raises(OfficeFlowError):
        list(area.login(other))


def test_a_file_that_cannot_be_imported_is_named_with_its_last_line(subject: Subject) -> None:
    found = eventually(lambda: [each for each in area.import_errors(subject) if "broken.py" in each.says])
    assert found[0].outcome is WRONG
    assert found[0].says.endswith("RuntimeError: broken on purpose")


def test_a_published_version_that_airflow_does_not_show_is_a_problem(
    subject: Subject, database: Database, org: Organization, published: Published
) -> None:
    assert outcomes(area.bundle(subject)) == [FINE]
    published.publish("invisible", definition("invisible"))
    (found,) = area.bundle(subject)
    assert found.outcome is WRONG
    assert "acme__invisible" in found.says


def test_a_directory_that_two_organizations_share_without_a_mark_is_named(
    subject: Subject, airflow: EmbeddedAirflow, database: Database, org: Organization
) -> None:
    with database.service() as session:
        session.add(Organization(org_id=new_id(), slug="globex", name="Globex", domain="globex.example"))
    for slug in ("acme", "globex"):
        airflow.api.put_connection(f"{slug}.directory", "scim", host="https://id.example/scim")
    try:
        shared = [finding.says for finding in connections.separate(subject) if finding.outcome is WRONG]
        airflow.api.put_connection(
            "acme.directory", "scim", host="https://id.example/scim", extra={"mark": "acme"}
        )
        apart = outcomes(connections.separate(subject))
    finally:
        for slug in ("acme", "globex"):
            airflow.api.delete_connection(f"{slug}.directory")
    assert len(shared) == 2
    assert all("acme.directory" in each and "globex.directory" in each for each in shared)
    assert apart == [FINE]


def test_a_connection_that_is_missing_or_incomplete_is_named_with_who_needs_it(
    subject: Subject, airflow: EmbeddedAirflow, database: Database, org: Organization, published: Published
) -> None:
    published.publish("hiring", definition("hiring"))
    with database.service() as session:
        workflow = session.query(Workflow).one()
        for key, connection in (("a", "doctored"), ("b", "absent"), ("c", "replaced")):
            session.add(
                WorkflowNode(
                    node_id=new_id(),
                    org_id=org.org_id,
                    workflow_id=workflow.workflow_id,
                    version=workflow.version,
                    key=key,
                    type="email.send",
                    name=key,
                    connection=connection,
                )
            )
    airflow.api.put_connection("acme.doctored", "smtp", host="10.0.0.9", extra={"security": "rot13"})
    airflow.api.put_connection("acme.replaced", "scim", host="https://id.example")
    try:
        findings = list(connections.named(subject))
    finally:
        for name in ("doctored", "replaced"):
            airflow.api.delete_connection(f"acme.{name}")
    wrong = [finding.says for finding in findings if finding.outcome is WRONG]
    assert "acme's workflow hiring needs the connection absent, and there is none" in wrong
    assert any("acme.doctored, needed by hiring: sender: is missing" in each for each in wrong)
    assert any("security: 'rot13' is not possible" in each for each in wrong)
    assert any("host: it leads to an address that is not public" in each for each in wrong)
    unfit = "it is of the family identity, and email.send needs mail"
    assert f"connection acme.replaced, needed by hiring: {unfit}" in wrong


def test_tasks_are_counted_by_queue_and_state(
    subject: Subject, airflow: EmbeddedAirflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        activity_module, "group_lag", lambda *asked, **_: group_lag(*asked, timeout=0.2)
    )  # no Kafka runs here
    run, may_end = f"counted__{new_id().hex[:8]}", tmp_path / "may end"
    airflow.api.trigger("probe", run, {"until": str(may_end)})
    eventually(
        lambda: (
            activity(subject.known, subject.layout)["tasks"]
            .get("queues", {})
            .get("default", {})
            .get("running")
        )
    )
    may_end.touch()
    assert airflow.await_run(run) == "success"
