from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from auth.fab_roles import MEMBER_ROLE, PLATFORM_ROLE
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.ids import new_id
from officeflow.layout import ROOT
from officeflow.rights.permissions import Role
from officeflow.stack.airflow.settings import AirflowSetup, airflow_environment
from officeflow.tenants import users
from tests.databases import COPY

ORGANIZATIONS = ("north", "south", "spare")
OWNERS = (*ORGANIZATIONS, "team")
"""`north` is the organization of whoever asks, `spare` is what the platform's admin uses up, `team` is no
organization.
"""
Answer = tuple[int, str]


class Process:
    """Airflow's application in a process of its own (`tests.airflow.rights.process`)."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("w") as told:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.airflow.rights.process"],
                env={**environment, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=told,
                text=True,
            )
        started = self._heard()
        self.routes: list[str] = started["routes"]
        self.documented: list[str] = started["documented"]

    def _heard(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._log.read_text()[-4000:]
        return json.loads(line)

    def told(self, **order: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        return self._heard()

    def call(self, calls: Sequence[Mapping[str, Any]]) -> list[Answer]:
        return [(status, text) for status, text in self.told(calls=list(calls))]

    def get(self, token: str, path: str, **differs: Any) -> Answer:
        """The answer to one call."""
        return self.call([{"method": "GET", "path": path, "token": token, **differs}])[0]

    def close(self) -> None:
        self._process.communicate()


@dataclass(frozen=True, slots=True)
class Installation:
    """Two organizations and more, with people and what they look at."""

    process: Process
    database: Database
    org_ids: Mapping[str, Any]
    places: Mapping[str, Mapping[str, Any]]
    tokens: Mapping[str, str]

    def token(self, login: str, *roles: str) -> str:
        """Of an account with these roles at Airflow, which is made where it is missing."""
        found: str = self.process.told(accounts={login: list(roles)})[login]
        return found

    def add_user(self, org: str, login: str, role: str) -> None:
        with self.database.tenant(self.org_ids[org]) as session:
            email = f"{login}@{org}.example"
            users.create(session, self.org_ids[org], email=email, name=login, role=role, airflow_login=login)

    def person(self, role: str, org: str = "north") -> tuple[str, str]:
        """Login and token of somebody new who is a user of the organization."""
        login = f"p{secrets.token_hex(4)}"
        self.add_user(org, login, role)
        return login, self.token(login, MEMBER_ROLE)


@contextmanager
def copied(setup: AirflowSetup, postgres_url: str, home: Path) -> Iterator[AirflowSetup]:
    """The prepared databases once more, which no scheduler and no dag-processor looks at."""
    names = {name: f"{name}_{secrets.token_hex(4)}" for name in ("airflow", "officeflow")}
    own = setup.environment["OFFICEFLOW_DATABASE_URL"]
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        for name, origin in (("airflow", setup.database_url), ("officeflow", own)):
            source = make_url(origin).database or ""
            admin.execute(sql.SQL(COPY).format(sql.Identifier(names[name]), sql.Identifier(source)))

    def url(name: str) -> str:
        return make_url(postgres_url).set(database=names[name]).render_as_string(hide_password=False)

    addresses = {key: url("officeflow") for key in setup.environment if key.startswith("OFFICEFLOW_DATABASE")}
    environment = {**setup.environment, **addresses}
    yield replace(setup, home=home, database_url=url("airflow"), environment=environment)
    shutil.rmtree(home)
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        for name in names.values():
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def installed(setup: AirflowSetup, differs: Mapping[str, str] | None = None) -> Iterator[Installation]:
    """With the organizations and what each has; `differs` are variables of the environment."""
    environment = {**airflow_environment(setup, "airflow-api"), **(differs or {})}
    process = Process(environment, setup.home / "process.log")
    with Database(setup.environment["OFFICEFLOW_DATABASE_URL"]) as database:
        ids = {slug: new_id() for slug in ORGANIZATIONS}
        with database.service() as session:
            for slug, org_id in ids.items():
                session.add(
                    Organization(
                        org_id=org_id, slug=slug, name=slug, domain=f"{slug}.example", plan="standard"
                    )
                )
        places = process.told(seed=list(OWNERS))
        people = {f"north-{role}": [MEMBER_ROLE] for role in Role}
        tokens = process.told(accounts={**people, "team": ["Op"], "root": [PLATFORM_ROLE]})
        made = Installation(process, database, ids, places, {**tokens, "nobody": ""})
        for role in Role:
            made.add_user("north", f"north-{role}", role)
        yield made
    process.close()


@pytest.fixture(scope="session")
def installation(
    airflow_setup: AirflowSetup, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with (
        copied(airflow_setup, postgres_url, tmp_path_factory.mktemp("rights")) as setup,
        installed(setup) as made,
    ):
        yield made
