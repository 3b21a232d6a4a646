"""A started stack, as a value: what `up`, the commands and the tests know of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from officeflow.stack import celery, secrets
from officeflow.stack.layout import Layout, read_json
from officeflow.stack.secrets import Secrets

GIVEN_BY = {
    "kafka_bootstrap": "OFFICEFLOW_KAFKA_BOOTSTRAP",
    "database_url": "OFFICEFLOW_DATABASE_URL",
    "airflow_database_url": "OFFICEFLOW_AIRFLOW_DATABASE_URL",
    "redis_url": "OFFICEFLOW_REDIS_URL",
}


NODE_QUEUE = "nodes"
"""Airflow's queue for nodes, which the warm coordinator runs."""


@dataclass(frozen=True, slots=True)
class Given:
    """Services that run already and are used instead of started; "" where there is none."""

    kafka_bootstrap: str = ""
    database_url: str = ""
    airflow_database_url: str = ""
    redis_url: str = ""

    @classmethod
    def from_environment(cls, layout: Layout, environ: Mapping[str, str] = os.environ) -> Given:
        """What the caller's environment names, apart from the stack's own addresses: those are there when one of its processes calls."""
        last = read_json(layout.state_file)
        own = {field: last["environment"].get(name) for field, name in GIVEN_BY.items() if field not in last["given"]} if last else {}
        named = {field: environ.get(name, "") for field, name in GIVEN_BY.items()}
        return cls(**{field: "" if value == own.get(field) else value for field, value in named.items()})

    @property
    def both_databases(self) -> bool:
        return bool(self.database_url and self.airflow_database_url)


@dataclass(frozen=True, slots=True)
class Stack:
    """Where everything is. Addresses carry passwords: show `ports` and the services' `urls` to people instead."""

    layout: Layout
    ports: Mapping[str, int]
    given: Given = field(default_factory=Given)
    executor: str = "local"
    """Where Airflow runs tasks: `local` in processes of the scheduler, `celery` in a worker."""
    changes: Mapping[str, str] = field(default_factory=dict)
    """Variables of Airflow's processes that are wanted instead of the stack's own."""

    @property
    def secrets(self) -> Secrets:
        return Secrets(self.layout.home / "secrets.json")

    def postgres_url(self, role: str, database: str) -> str:
        password = quote(self.secrets[f"postgres_{role}"], safe="")
        return f"postgresql://{role}:{password}@127.0.0.1:{self.ports['postgres']}/{database}"

    @property
    def database_url(self) -> str:
        return self.given.database_url or self.postgres_url("officeflow", "officeflow")

    @property
    def airflow_database_url(self) -> str:
        """As SQLAlchemy 2 with psycopg 3 wants it, where the database is ours; as given where it is not."""
        return self.given.airflow_database_url or self.postgres_url("airflow", "airflow").replace("postgresql:", "postgresql+psycopg:", 1)

    @property
    def redis_url(self) -> str:
        return self.given.redis_url or f"redis://:{self.secrets['valkey']}@127.0.0.1:{self.ports['valkey']}/0"

    @property
    def broker_url(self) -> str:
        """Celery's."""
        return celery.broker_url(self.redis_url)

    @property
    def kafka_bootstrap(self) -> str:
        return self.given.kafka_bootstrap or f"127.0.0.1:{self.ports['kafka']}"

    @property
    def airflow_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['airflow']}"

    @property
    def environment(self) -> dict[str, str]:
        """What commands that people call are given (see `officeflow.settings`); a process gets its part of it (`stack.privileges`)."""
        return {
            "OFFICEFLOW_HOME": str(self.layout.home),
            "OFFICEFLOW_SERVERS": str(self.layout.servers),
            "OFFICEFLOW_DATABASE_URL": self.database_url,
            "OFFICEFLOW_REDIS_URL": self.redis_url,
            "OFFICEFLOW_KAFKA_BOOTSTRAP": self.kafka_bootstrap,
            "OFFICEFLOW_AIRFLOW_URL": self.airflow_url,
            "OFFICEFLOW_AIRFLOW_USERNAME": "officeflow",
            "OFFICEFLOW_AIRFLOW_PASSWORD": self.secrets["airflow_service"],
            "OFFICEFLOW_AIRFLOW_LOGS": str(self.layout.airflow_logs),
            "OFFICEFLOW_ENCRYPTION_KEYS": self.secrets.get("encryption_keys", secrets.fernet_key),
            "OFFICEFLOW_NODE_QUEUE": NODE_QUEUE,
            "OFFICEFLOW_AUDIT_KEY": self.secrets["audit_key"],
            "OFFICEFLOW_AUDIT_TAG_KEY": self.secrets["audit_tag_key"],
            "OFFICEFLOW_AUDIT_ANCHORS": str(self.layout.anchors),
            "PYTHONUNBUFFERED": "1",
        }
