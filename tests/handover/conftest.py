from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from tests.handover.stage import Stage


@pytest.fixture(scope="session")
def metadata(postgres_url: str) -> Iterator[Engine]:
    """Airflow's metadata database, with its tables and nothing in them."""
    from airflow.models import import_all_models
    from airflow.models.base import Base
    from airflow.models.dagbundle import DagBundleModel
    from airflow.models.tasklog import LogTemplate

    name = f"airflow_{secrets.token_hex(4)}"

    def execute(statement: str) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(sql.SQL(statement).format(sql.Identifier(name)))

    execute("CREATE DATABASE {}")
    engine = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg2", database=name))
    import_all_models()
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(LogTemplate(id=0, filename="", elasticsearch_id=""))
        session.add(DagBundleModel(name="officeflow"))
        session.commit()
    yield engine
    engine.dispose()
    execute("DROP DATABASE {} WITH (FORCE)")


@pytest.fixture
def stage(metadata: Engine) -> Stage:
    """Without DAGs of its own yet; what other tests left has other names."""
    return Stage(metadata)
