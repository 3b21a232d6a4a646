"""Airflow's tables, and what docs/personal-data.md says of them."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.engine import make_url

from officeflow.privacy.inventory import AIRFLOW
from officeflow.stack.airflow.settings import AirflowSetup

pytestmark = pytest.mark.integration


def test_of_every_table_of_airflow_it_is_said_what_an_erasure_does(airflow_setup: AirflowSetup) -> None:
    """A new version of Airflow may bring a table: look into it, and answer in `inventory.AIRFLOW`."""
    answered = [table for tables in AIRFLOW.values() for table in tables]
    assert len(answered) == len(set(answered))
    address = make_url(airflow_setup.database_url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        there = {table for (table,) in connection.execute(query)}
    assert there - set(answered) == set()
    assert set(answered) - there <= {"celery_taskmeta", "celery_tasksetmeta"}, "Celery makes its own"
