from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from listeners.parking.parking import Parking
from officeflow.airflow_api.client import AirflowApi
from officeflow.database import parking_login
from officeflow.ids import BUNDLE
from tests.listeners.parking.tables import Tables


@pytest.fixture(scope="session")
def metadata(postgres_url: str) -> Iterator[Engine]:
    """Airflow's metadata database, as its own models have it."""
    from airflow.models import import_all_models
    from airflow.models.base import Base
    from airflow.models.dagbundle import DagBundleModel

    name = f"airflow_{secrets.token_hex(4)}"

    def execute(statement: str) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(sql.SQL(statement).format(sql.Identifier(name)))

    execute("CREATE DATABASE {}")
    engine = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg", database=name))
    import_all_models()
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(DagBundleModel(name=BUNDLE))
        session.add(DagBundleModel(name="dags"))
        session.execute(text("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"))
        session.execute(text("INSERT INTO alembic_version VALUES (:at)"), {"at": parking_login.SCHEMA})
        session.commit()
    yield engine
    engine.dispose()
    execute("DROP DATABASE {} WITH (FORCE)")


@pytest.fixture(scope="session")
def login(metadata: Engine, postgres_url: str) -> Iterator[str]:
    """The address of parking's login, made and granted as `up` does."""
    name = f"officeflow_parking_{secrets.token_hex(4)}"
    url = metadata.url.set(username=name, password=secrets.token_hex(16))
    address = url.render_as_string(hide_password=False)
    parking_login.ensure(
        address, maker_url=postgres_url, owner_url=metadata.url.render_as_string(hide_password=False)
    )
    yield address
    with psycopg.connect(_libpq(metadata), autocommit=True) as admin:
        for statement in ("DROP OWNED BY {}", "DROP ROLE {}"):
            admin.execute(sql.SQL(statement).format(sql.Identifier(name)))


@pytest.fixture
def without_a_right(login: str, metadata: Engine) -> Iterator[str]:
    """Which one, as it is told."""
    name = f'"{make_url(login).username}"'
    with metadata.begin() as connection:
        connection.execute(text(f"REVOKE UPDATE (run_after) ON dag_run FROM {name}"))
    yield "the login may not UPDATE (run_after) ON dag_run"
    with metadata.begin() as connection:
        connection.execute(text(f"GRANT UPDATE (run_after) ON dag_run TO {name}"))


def _libpq(engine: Engine) -> str:
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def tables(metadata: Engine) -> Tables:
    """Without runs; the DAG `acme__wait` is a workflow's, `own` is somebody's own."""
    with metadata.begin() as connection:
        names = "dag, dag_run, task_instance, log"
        connection.execute(text(f"TRUNCATE {names} CASCADE"))
    made = Tables(metadata)
    made.dag("acme__wait")
    made.dag("own", "dags")
    return made


@pytest.fixture
def parking(login: str, api: AirflowApi, tables: Tables) -> Iterator[Parking]:
    made = Parking(login, api)
    yield made
    made.close()
