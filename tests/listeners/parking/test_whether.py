"""Whether anything is parked at all, and that nothing else is written."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError

from listeners.parking import statements
from listeners.parking.hearing import Hearing
from listeners.parking.parking import NoParking, Parking
from listeners.steward.duties import parking_duties
from officeflow.airflow_api.client import AirflowApi
from officeflow.database import parking_login
from officeflow.database.engine import Database
from officeflow.errors import Unavailable
from officeflow.settings import load_settings
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.parking.tables import Tables


def test_on_another_version_of_airflow_nothing_is_parked_and_the_reason_is_told(
    parking: Parking, tables: Tables, airflow: AirflowServer
) -> None:
    airflow.version = "3.4.0"
    tables.run()
    with pytest.raises(NoParking, match=r"Airflow is 3\.4\.0, parking knows 3\.3\.2"):
        parking.act()
    assert "3.4.0" in parking.figures()["parking"]["problem"]
    airflow.version = parking_login.AIRFLOW
    assert parking.act() == 1
    assert parking.figures()["parking"]["problem"] is None


def test_without_a_right_nothing_is_parked_and_the_right_is_named(
    parking: Parking, tables: Tables, without_a_right: str
) -> None:
    run = tables.run()
    with pytest.raises(NoParking, match=r"nothing is parked: the login may not UPDATE"):
        parking.act()
    assert parking.figures()["parking"]["problem"] == without_a_right
    assert not tables.is_parked(run)


def test_a_right_that_is_taken_away_while_it_parks_is_named_by_the_next_turn(
    parking: Parking, tables: Tables, request: pytest.FixtureRequest
) -> None:
    assert parking.act() == 0
    missing = request.getfixturevalue("without_a_right")
    run = tables.run()
    with pytest.raises(ProgrammingError):
        parking.park()
    with pytest.raises(NoParking, match=r"nothing is parked"):
        parking.act()
    assert parking.figures()["parking"]["problem"] == missing
    assert not tables.is_parked(run)


def test_where_it_is_switched_off_or_has_no_login_no_duty_parks(
    parking: Parking, database: Database, tables: Tables
) -> None:
    runs = [tables.run() for _ in range(2)]
    parking.park()
    hearing = Hearing(database, parking, stop=threading.Event())
    assert parking_duties(load_settings(parking=True), None, None) == []
    assert [each.name for each in parking_duties(load_settings(parking=True), parking, hearing)] == [
        "parking",
        "unparking",
    ]
    [off] = parking_duties(load_settings(parking=False), parking, hearing)
    assert off.act() == 2
    assert not any(tables.is_parked(run) for run in runs)


def test_an_api_server_that_is_away_stops_nobody_who_has_asked_it_before(
    login: str, airflow: AirflowServer, api: AirflowApi, tables: Tables
) -> None:
    now = [0.0]
    parking = Parking(login, api, seconds=lambda: now[0])
    assert parking.act() == 0
    airflow.status = 503
    now[0] += 100
    tables.run()
    assert parking.act() == 1
    parking.close()
    stranger = Parking(login, api)
    with pytest.raises(Unavailable):
        stranger.act()
    stranger.close()


@pytest.mark.parametrize(
    "statement",
    [
        statements.PARK,
        statements.RENEW,
        statements.UNPARK,
        statements.ACTING,
        statements.TOUCHED,
        statements.RESTLESS,
    ],
)
def test_no_statement_writes_anything_but_run_after(statement: Any) -> None:
    written = str(statement).split("UPDATE dag_run dr SET ")
    assert len(written) <= 2
    assert all(part.startswith("run_after = ") for part in written[1:])
    assert not any(word in str(statement) for word in ("INSERT", "DELETE", "TRUNCATE"))
