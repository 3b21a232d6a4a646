"""The sensor of hand-written DAGs that waits for a lifecycle event."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from officeflow.database.tables import InboxEvent
from officeflow.errors import NotKnown
from officeflow.ids import new_id

if TYPE_CHECKING:
    from officeflow.database.engine import Database
    from officeflow.database.tables import Organization
    from sensors.lifecycle_event import LifecycleEventSensor

pytestmark = pytest.mark.integration

LEFT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def sensor(**changes: object) -> LifecycleEventSensor:
    from sensors.lifecycle_event import LifecycleEventSensor

    wanted: dict[str, Any] = {
        "task_id": "wait",
        "org": "acme",
        "employee": "E1",
        "kind": "employee.exit",
        **changes,
    }
    return LifecycleEventSensor(**wanted)


@pytest.fixture(autouse=True)
def _url(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)


def arrive(database: Database, org: Organization, employee: str, moment: dt.datetime, event_id: str) -> None:
    with database.tenant(org.org_id) as session:
        session.add(
            InboxEvent(
                inbox_id=new_id(),
                org_id=org.org_id,
                source="hr",
                event_id=event_id,
                kind="employee.exit",
                employee_key=employee,
                event_time=moment,
                correlation_id="c-1",
                content_hash="0" * 64,
                payload={},
            )
        )


def test_it_waits_until_the_persons_event_is_there(database: Database, org: Organization) -> None:
    arrive(database, org, "E2", LEFT, "of somebody else")
    assert not sensor().poke({}).is_done
    arrive(database, org, "E1", LEFT, "mine")
    found = sensor().poke({})
    assert found.is_done
    assert found.xcom_value == {
        "id": "mine",
        "source": "hr",
        "time": LEFT.isoformat(),
        "correlation_id": "c-1",
    }


def test_what_was_before_since_does_not_count(database: Database, org: Organization) -> None:
    arrive(database, org, "E1", LEFT, "early")
    assert sensor(since=LEFT.isoformat()).poke({}).is_done
    assert not sensor(since=LEFT + dt.timedelta(seconds=1)).poke({}).is_done


def test_an_unknown_organization_is_an_error(org: Organization) -> None:
    with pytest.raises(NotKnown, match="acmee"):
        sensor(org=f"{org.slug}e").poke({})


def test_wrong_arguments_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"employee\.onbord"):
        sensor(kind="employee.onbord")
    with pytest.raises(ValueError, match="time zone"):
        sensor(since="2026-01-05T09:00:00").poke({})


def test_a_wait_holds_no_process() -> None:
    assert sensor().reschedule
