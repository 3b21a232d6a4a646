"""What `officeflow status` tells of the database, and of what is away."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text, update

from officeflow.cli.status import activity_lines
from officeflow.database.encryption import keyring
from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent, Organization
from officeflow.errors import InvalidEvent, Unavailable
from officeflow.events import inbox, mass, outbox, quarantine, topics
from officeflow.events.message import Message
from officeflow.events.producer import NewEvent, compose
from officeflow.layout import Layout
from officeflow.monitoring import activity as activity_module
from officeflow.monitoring.activity import activity
from officeflow.monitoring.consumer_lag import group_lag
from officeflow.monitoring.isolated import ask_all
from officeflow.program import typed
from officeflow.settings import Settings, load_settings
from officeflow.statuses import RefusalReason

pytestmark = pytest.mark.integration


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(home=tmp_path, servers=tmp_path)


@pytest.fixture
def settings(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The test's database; Kafka and Airflow are away, and nobody waits long for Kafka."""
    monkeypatch.setattr(activity_module, "group_lag", lambda *asked, **_: group_lag(*asked, timeout=0.2))
    return load_settings(
        database_url=database_url, kafka_bootstrap="127.0.0.1:1", airflow_url="http://127.0.0.1:1"
    )


def arrive(database: Database, org: Organization, count: int) -> None:
    """Events of as many persons, which waited an hour."""
    moment = dt.datetime.now(dt.UTC)
    with database.service() as session:
        for number in range(count):
            event = NewEvent(
                kind=topics.EMPLOYEE_ONBOARD,
                organization="acme",
                employee=f"E-{number}",
                payload={},
                time=moment,
                source="hr",
                id=f"e-{number}",
            )
            inbox.store(session, [compose(event, org_id=org.org_id)], own_source="officeflow")
        session.execute(
            update(InboxEvent).values(
                received_at=moment - dt.timedelta(hours=1), last_error="Airflow is away"
            )
        )


def test_an_idle_platform_waits_for_nothing(settings: Settings, layout: Layout, org: Organization) -> None:
    told = activity(settings, layout)
    assert told["inbox"] == {
        "waiting": 0,
        "oldest_seconds": None,
        "problem": None,
        "reasons": [],
        "problems": [],
    }
    assert told["outbox"]["waiting"] == 0
    assert (told["ledger"]["open"], told["ledger"]["asked"], told["ledger"]["failures"]) == (0, 0, [])
    assert told["refused"] == {"waiting": 0, "newest": []}
    assert "Inbox       nothing waits" in list(activity_lines(told))


def test_what_waits_is_counted_with_the_age_of_the_oldest_and_why(
    settings: Settings, layout: Layout, database: Database, org: Organization
) -> None:
    arrive(database, org, 2)
    with database.tenant(org.org_id) as session:
        outbox.add(
            session,
            org_id=org.org_id,
            topic=topics.AUDIT_EVENTS,
            key="k",
            type=outbox.MessageType.NODE_RESULT,
            payload={},
            correlation_id="c",
        )
    told = activity(settings, layout)
    assert told["inbox"]["waiting"] == 2
    assert 3600 <= told["inbox"]["oldest_seconds"] < 3700
    assert told["outbox"]["waiting"] == 1
    lines = list(activity_lines(told))
    assert "Inbox       2 events wait, the oldest for 60 min: Airflow is away" in lines
    assert any(line.startswith("Outbox      1 message waits, the oldest for ") for line in lines)


def test_what_waits_for_a_second_admin_is_told_by_organization_with_the_command(
    settings: Settings, layout: Layout, database: Database, org: Organization
) -> None:
    assert "Releases    nothing waits for a second admin" in list(activity_lines(activity(settings, layout)))
    with database.service() as session:
        limits = {mass.SETTING: {topics.EMPLOYEE_ONBOARD: mass.Limit(per_hour=2).to_json()}}
        session.get_one(Organization, org.org_id).settings = limits
    arrive(database, org, 3)
    with database.service() as session:
        session.execute(text("UPDATE releases SET requested_at = now() - interval '3 hours'"))
    (told,) = activity(settings, layout)["releases"]["organizations"]
    assert (told["organization"], told["releases"], told["events"]) == ("acme", 1, 3)
    lines = list(activity_lines(activity(settings, layout)))
    assert (
        "Releases    acme: 1 release waits for a second admin, the oldest for 3 h, 3 events held"
        f" (`{typed('release list --org acme')}`)"
    ) in lines


def test_refused_messages_and_failing_duties_are_among_the_last_errors(
    settings: Settings, layout: Layout, database: Database, org: Organization
) -> None:
    bad = Message(topic="employee.exit.acme", partition=0, offset=7, key=None, value=b"{")
    with database.service() as session:
        quarantine.store(
            session, [quarantine.Refused(bad, InvalidEvent("no JSON", reason_code=RefusalReason.NOT_JSON))]
        )
    (layout.home / "health").mkdir()
    (layout.home / "health" / "steward.json").write_text(
        json.dumps({"state": "working", "failing": {"run-watch": "Unavailable: Airflow"}})
    )
    lines = list(activity_lines(activity(settings, layout)))
    assert any(line.startswith("Quarantine  1 message waits") for line in lines)
    assert any("refused on employee.exit.acme: not_json" in line for line in lines)
    assert "Duties      steward: run-watch fails: Unavailable: Airflow" in lines


def test_events_with_a_problem_partitions_that_are_held_and_tombstones_are_shown(
    settings: Settings, layout: Layout, database: Database, org: Organization
) -> None:
    arrive(database, org, 2)
    with database.service() as session:
        for event in session.scalars(select(InboxEvent)).all():
            inbox.dispatched(
                session,
                event,
                [],
                error="the run id evt__1 was taken by a run of mallory" if event.event_id == "e-1" else "",
            )
    (layout.home / "health").mkdir()
    listener = {
        "state": "reading",
        "held": ["employee.exit.acme[0]"],
        "passed_over": {"employee.exit.acme": 300, "employee.update.acme": 2},
    }
    (layout.home / "health" / "lifecycle_events.json").write_text(json.dumps(listener))
    lines = list(activity_lines(activity(settings, layout)))
    assert [
        line for line in lines if line.endswith("event e-1: the run id evt__1 was taken by a run of mallory")
    ]
    assert not [line for line in lines if "event e-0" in line]
    (duties,) = [line for line in lines if line.startswith("Duties")]
    assert "lifecycle_events holds employee.exit.acme[0], where too much is bad" in duties
    assert "302 messages without a value passed over" in duties


def test_a_second_listener_of_a_process_is_told_of_like_the_first(
    settings: Settings, layout: Layout, org: Organization
) -> None:
    (layout.home / "health").mkdir()
    second = {"state": "waiting", "error": "the database is away", "held": ["workflow.run.pause[0]"]}
    health = {"state": "reading", "run_control": {**second, "passed_over": {"workflow.run.pause": 3}}}
    (layout.home / "health" / "lifecycle_events.json").write_text(json.dumps(health))
    (duties,) = [line for line in activity_lines(activity(settings, layout)) if line.startswith("Duties")]
    assert "run_control is waiting: the database is away" in duties
    assert "run_control holds workflow.run.pause[0], where too much is bad" in duties
    assert "3 messages without a value passed over" in duties


@pytest.mark.parametrize(
    ("parking", "line"),
    [
        ({"on": True, "parked": 3, "woken": 0, "problem": None}, "Duties      all done; 3 runs parked"),
        ({"on": True, "parked": 0, "woken": 0, "problem": None}, "Duties      all done"),
        (
            {"on": True, "parked": 0, "woken": 0, "problem": "the login may not SELECT (id) ON dag_run"},
            "Duties      parking: the login may not SELECT (id) ON dag_run",
        ),
        (None, "Duties      all done"),
    ],
)
def test_parked_runs_are_counted_and_why_none_is_parked_is_told(
    settings: Settings, layout: Layout, org: Organization, parking: object, line: str
) -> None:
    (layout.home / "health").mkdir()
    steward = {"state": "working", "failing": {}, **({"parking": parking} if parking else {})}
    (layout.home / "health" / "steward.json").write_text(json.dumps(steward))
    assert line in list(activity_lines(activity(settings, layout)))


def test_how_far_both_listeners_are_behind_has_a_line_each() -> None:
    lag = {"group": "g", "topics": 4, "messages": 2, "behind": {"workflow.run.pause": 2}}
    lines = list(activity_lines({"listener": {**lag, "messages": 0, "behind": {}}, "orders": lag}))
    assert "Listener    0 behind in 4 topics" in lines
    assert "Orders      2 behind in 4 topics: workflow.run.pause 2" in lines


def test_what_is_away_is_not_known_and_spoils_nothing_else(
    settings: Settings, layout: Layout, org: Organization
) -> None:
    told = activity(settings, layout)
    assert set(told["listener"]) == set(told["orders"]) == {"unknown"}
    assert set(told["tasks"]) == {"unknown"}
    assert "unknown" not in told["inbox"]
    lines = list(activity_lines(told))
    assert any(line.startswith("Listener    not known: ") for line in lines)
    gone = load_settings(
        database_url="postgresql://nobody@127.0.0.1:1/none",
        kafka_bootstrap="127.0.0.1:1",
        airflow_url="http://127.0.0.1:1",
    )
    assert all("unknown" in told for name, told in activity(gone, layout).items() if name != "processes")


def test_a_question_that_hangs_has_no_answer_in_time_and_the_others_have_theirs() -> None:
    import threading

    def fail() -> str:
        raise ValueError("broken")

    never = threading.Event()
    answers = ask_all(
        {"hangs": lambda: str(never.wait(60)), "fails": fail, "answers": lambda: "yes"}, seconds=0.3
    )
    assert answers["answers"] == "yes"
    assert isinstance(answers["fails"], ValueError)
    assert isinstance(answers["hangs"], Unavailable)
    never.set()


def test_tasks_are_told_by_queue_and_state() -> None:
    queues = {"nodes": {"queued": 3, "up_for_retry": 1}, "default": {}}
    assert "Tasks       nodes: 3 queued, 1 up for retry" in list(
        activity_lines({"tasks": {"queues": queues}})
    )
    assert "Tasks       none waits or runs" in list(activity_lines({"tasks": {"queues": {"nodes": {}}}}))


def test_every_reason_why_events_wait_is_named(
    database: Database, settings: Settings, layout: Layout, org: Organization
) -> None:
    """One organization's filter is not hidden behind what newer events wait for."""
    arrive(database, org, 3)
    held = "acme/preboarding: its filter cannot be evaluated: it takes more than 1 s of computing"
    with database.service() as session:
        session.execute(update(InboxEvent).where(InboxEvent.event_id != "e-2").values(last_error=held))
    told = activity(settings, layout)
    assert told["inbox"]["reasons"] == [{"why": "Airflow is away", "events": 1}, {"why": held, "events": 2}]
    (line,) = [line for line in activity_lines(told) if line.startswith("Inbox")]
    assert line.endswith(f": Airflow is away; {held}")


def test_whom_a_question_is_put_to_is_read_by_the_keys_of_the_stack(
    monkeypatch: pytest.MonkeyPatch, layout: Layout
) -> None:
    monkeypatch.setenv(activity_module.KEYS, "")
    keys = Fernet.generate_key().decode()
    layout.state_file.write_text(json.dumps({"environment": {activity_module.KEYS: keys}}))
    assert activity_module.settings_of_stack(layout)
    assert keyring().decrypt(Fernet(keys).encrypt(b"Ana")) == b"Ana"
