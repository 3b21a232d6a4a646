from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url


@dataclass(frozen=True)
class Login:
    """A login that is no superuser and owns one empty database, as a production stack has it."""

    name: str
    url: str


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A superuser's URL of a database without tables."""
    name = f"officeflow_empty_{secrets.token_hex(6)}"
    _execute(postgres_url, "CREATE DATABASE {}", name)
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    _execute(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def login(postgres_url: str) -> Iterator[Login]:
    name, password = f"officeflow_login_{secrets.token_hex(6)}", secrets.token_hex(16)
    _execute(postgres_url, f"CREATE ROLE {{}} LOGIN CREATEROLE PASSWORD '{password}'", name)
    _execute(postgres_url, "CREATE DATABASE {} OWNER {}", name, name)
    url = make_url(postgres_url).set(database=name, username=name, password=password)
    yield Login(name, url.render_as_string(hide_password=False))
    _execute(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)
    _execute(postgres_url, "DROP ROLE {}", name)


def _execute(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
