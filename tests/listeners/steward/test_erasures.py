"""Airflow forgets the runs of whoever was erased, as often as that takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from officeflow.airflow_api.client import AirflowApi
from officeflow.audit import store as audit
from officeflow.database.engine import Database
from officeflow.database.tables import Erasure, Organization
from officeflow.kafka_access import KafkaAccess
from officeflow.privacy import erasing, report
from officeflow.privacy.forgetting import Forgetting
from officeflow.settings import Settings, load_settings
from officeflow.statuses import ErasureState
from tests.listeners.airflow_api import AirflowServer
from tests.privacy.conftest import Somebody, told

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(tmp_path: Path, kafka_access: KafkaAccess) -> Settings:
    return load_settings(
        airflow_logs=str(tmp_path),
        parking_database_url="",
        kafka_bootstrap=kafka_access.bootstrap,
        kafka_security_protocol=kafka_access.security_protocol,
        kafka_sasl_mechanism=kafka_access.sasl_mechanism,
        kafka_username=kafka_access.username,
        kafka_password=kafka_access.password,
        kafka_ca_file=kafka_access.ca_file,
    )


@pytest.fixture
def erased(database: Database, tenant: Organization, airflow: AirflowServer, tmp_path: Path) -> Somebody:
    """With a run that Airflow knows, and a log of it on this machine."""
    somebody = Somebody(database, tenant, "E-77").hired()
    told(database, tenant)
    airflow.runs[somebody.dag_id, somebody.dag_run_id] = {}
    airflow.runs[somebody.dag_id, "another"] = {}
    for run in (somebody.dag_run_id, "another"):
        folder = tmp_path / f"dag_id={somebody.dag_id}" / f"run_id={run}" / "task_id=create"
        folder.mkdir(parents=True)
        (folder / "attempt=1.log").write_text(somebody.shown)
    erasing.erase(database, tenant.slug, "E-77", why="they asked", by="cli:boss")
    return somebody


def erasure(database: Database, somebody: Somebody) -> Erasure:
    return erasing.newest(database, somebody.org.slug, somebody.external_id)


def test_airflow_and_this_machine_forget_the_run_and_no_other(
    erased: Somebody,
    database: Database,
    api: AirflowApi,
    airflow: AirflowServer,
    settings: Settings,
    tmp_path: Path,
) -> None:
    forgetting = Forgetting(database, api, settings)
    assert (forgetting.act(), forgetting.act()) == (1, 0)
    assert set(airflow.runs) == {(erased.dag_id, "another")}
    assert [path.parts[-3] for path in tmp_path.rglob("*.log")] == ["run_id=another"]
    done = erasure(database, erased)
    assert (done.state, done.airflow) == (ErasureState.DONE, [])
    assert done.report["airflow"] == {"runs": 1, "event_log": 0, "logs": 1}
    with database.tenant(erased.org.org_id) as session:
        assert audit.newest(session, erased.org.org_id)[-1].action == "person.erasure_done"


def test_the_report_says_until_when_which_topic_holds_what(
    erased: Somebody, database: Database, api: AirflowApi, settings: Settings
) -> None:
    Forgetting(database, api, settings).act()
    done = erasure(database, erased)
    until = {each["where"]: each["until"] for each in done.report["remains"]}
    topic = f"Kafka topic employee.onboard.{erased.org.slug}"
    assert until[topic].startswith("about 20"), until
    assert any(name.startswith("Airflow's event log") for name in until)
    shown = report.as_text(done)
    assert topic in shown
    assert "1 runs forgotten" in shown


def test_while_airflow_is_away_it_is_tried_again_and_said(
    erased: Somebody, database: Database, api: AirflowApi, airflow: AirflowServer, settings: Settings
) -> None:
    forgetting = Forgetting(database, api, settings)
    airflow.status = 503
    assert forgetting.act() == 0
    waits = erasure(database, erased)
    assert waits.state == ErasureState.ERASED
    assert waits.last_error
    assert "Airflow has yet to forget 1 runs" in report.as_text(waits)
    airflow.status = None
    assert forgetting.act() == 0  # it is not due yet
    with database.service() as session:
        session.execute(text("UPDATE erasures SET next_attempt_at = now()"))
    assert forgetting.act() == 1
    assert erasure(database, erased).state == ErasureState.DONE


def test_what_kafka_does_not_say_is_not_known(
    erased: Somebody, database: Database, api: AirflowApi, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("officeflow.privacy.topics.SECONDS", 0.2)
    away = settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"})
    Forgetting(database, api, away).act()
    topics = [
        each for each in erasure(database, erased).report["remains"] if "employee.onboard" in each["where"]
    ]
    assert topics
    assert all(each["until"].startswith("not known") for each in topics)
