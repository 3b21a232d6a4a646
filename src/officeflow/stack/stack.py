"""A started stack, as a value: what `up`, the commands and the tests know of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from officeflow.kafka_access import KafkaAccess
from officeflow.layout import Layout, read_json
from officeflow.settings import load_settings
from officeflow.stack import secrets
from officeflow.stack.counterparts import discover
from officeflow.stack.passed_on import PassedOn
from officeflow.stack.secrets import Secrets

GIVEN_BY = {
    "kafka_bootstrap": "OFFICEFLOW_KAFKA_BOOTSTRAP",
    "database_url": "OFFICEFLOW_DATABASE_URL",
    "airflow_database_url": "OFFICEFLOW_AIRFLOW_DATABASE_URL",
    "redis_url": "OFFICEFLOW_REDIS_URL",
}
"""The services that may be given, each with the variable that names it."""

GIVEN_WITH = {
    "database_tenant_url": "OFFICEFLOW_DATABASE_TENANT_URL",
    "database_service_url": "OFFICEFLOW_DATABASE_SERVICE_URL",
    "database_gateway_url": "OFFICEFLOW_DATABASE_GATEWAY_URL",
    "parking_database_url": "OFFICEFLOW_PARKING_DATABASE_URL",
    "kafka_security_protocol": "OFFICEFLOW_KAFKA_SECURITY_PROTOCOL",
    "kafka_sasl_mechanism": "OFFICEFLOW_KAFKA_SASL_MECHANISM",
    "kafka_username": "OFFICEFLOW_KAFKA_USERNAME",
    "kafka_password": "OFFICEFLOW_KAFKA_PASSWORD",
    "kafka_ca_file": "OFFICEFLOW_KAFKA_CA_FILE",
}
"""How to sign in to them; of no account where the service is the stack's own."""

TENANT_LOGIN, SERVICE_LOGIN = "officeflow_tenant_login", "officeflow_service_login"
"""PostgreSQL's logins of OfficeFlow's transactions, beside the owner of its tables."""

GATEWAY_LOGIN = "officeflow_gateway_login"
"""The webhook gateway's."""

PARKING_LOGIN = "officeflow_parking_login"
"""And the one by which the steward parks runs, in Airflow's database."""

KAFKA_USER, KAFKA_HR_USER, KAFKA_GATEWAY_USER = "officeflow", "hr", "gateway"
"""Kafka's logins: ours, which may do everything, and those of HR systems and of the webhook gateway, which
may produce lifecycle events and nothing else.
"""

KAFKA_MECHANISM = "SCRAM-SHA-512"
"""How they sign in (RFC 5802)."""

INBOX = "inbox"
"""The counterpart that takes the platform's own mails where its starter names no mail server."""

LOOPBACK_NETWORKS = "127.0.0.0/8,::1"
"""What organizations' connections may reach beside public addresses: the demonstration's systems are here."""
MAIL = "OFFICEFLOW_MAIL_"
"""How the settings of the platform's own mails begin."""

NODE_QUEUE = "nodes"
"""Airflow's queue for nodes, which the warm coordinator runs."""


@dataclass(frozen=True, slots=True)
class Given:
    """Services that run already and are used instead of started; "" where there is none."""

    kafka_bootstrap: str = ""
    database_url: str = ""
    airflow_database_url: str = ""
    redis_url: str = ""
    database_tenant_url: str = field(default="", repr=False)
    database_service_url: str = field(default="", repr=False)
    database_gateway_url: str = field(default="", repr=False)
    parking_database_url: str = field(default="", repr=False)
    kafka_security_protocol: str = ""
    kafka_sasl_mechanism: str = ""
    kafka_username: str = ""
    kafka_password: str = field(default="", repr=False)
    kafka_ca_file: str = ""

    @classmethod
    def from_environment(cls, layout: Layout, environ: Mapping[str, str] = os.environ) -> Given:
        """What the caller's environment names, apart from the stack's own addresses: those are there when one
        of its processes calls.
        """
        last, variables = read_json(layout.state_file), {**GIVEN_BY, **GIVEN_WITH}
        own = (
            {
                field: last["environment"].get(name)
                for field, name in variables.items()
                if field not in last["given"]
            }
            if last
            else {}
        )
        named = {field: environ.get(name, "") for field, name in variables.items()}
        if named["kafka_ca_file"]:
            named["kafka_ca_file"] = str(
                Path(named["kafka_ca_file"]).absolute()
            )  # the processes are in other folders than the caller
        return cls(**{field: "" if value == own.get(field) else value for field, value in named.items()})

    @property
    def both_databases(self) -> bool:
        return bool(self.database_url and self.airflow_database_url)

    @property
    def kafka(self) -> KafkaAccess:
        """What the variables say, with the settings' defaults; none of it from the environment, which may be
        that of a stack's process.
        """
        return load_settings(
            kafka_bootstrap=self.kafka_bootstrap,
            kafka_security_protocol=self.kafka_security_protocol or "PLAINTEXT",
            kafka_sasl_mechanism=self.kafka_sasl_mechanism or "PLAIN",
            kafka_username=self.kafka_username,
            kafka_password=self.kafka_password,
            kafka_ca_file=self.kafka_ca_file,
        ).kafka


@dataclass(frozen=True, slots=True)
class Stack:
    """Where everything is.

    Addresses carry passwords: show `ports` and the services' `urls` to people instead.
    """

    layout: Layout
    ports: Mapping[str, int]
    given: Given = field(default_factory=Given)
    executor: str = "local"
    """Where Airflow runs tasks: `local` in processes of the scheduler, `celery` in a worker."""
    changes: Mapping[str, str] = field(default_factory=dict)
    """Variables of Airflow's processes that are wanted instead of the stack's own."""
    passed: PassedOn = field(default_factory=PassedOn)
    """What its starter has set for the processes."""
    further: tuple[str, ...] = ()
    """Names of the counterparts that a demonstration has beside those that `up` starts."""

    @property
    def secrets(self) -> Secrets:
        return Secrets(self.layout.home / "secrets.json")

    def postgres_url(self, role: str, database: str) -> str:
        """At the stack's own server, which has to prove by SCRAM that it knows the password; libpq would tell
        it to any that asks.
        """
        password = quote(self.secrets[f"postgres_{role}"], safe="")
        return f"postgresql://{role}:{password}@127.0.0.1:{self.ports['postgres']}/{database}?require_auth=scram-sha-256"

    @property
    def database_url(self) -> str:
        return self.given.database_url or self.postgres_url("officeflow", "officeflow")

    @property
    def database_tenant_url(self) -> str:
        return (
            self.given.database_tenant_url
            if self.given.database_url
            else self.postgres_url(TENANT_LOGIN, "officeflow")
        )

    @property
    def database_service_url(self) -> str:
        return (
            self.given.database_service_url
            if self.given.database_url
            else self.postgres_url(SERVICE_LOGIN, "officeflow")
        )

    @property
    def database_gateway_url(self) -> str:
        return (
            self.given.database_gateway_url
            if self.given.database_url
            else self.postgres_url(GATEWAY_LOGIN, "officeflow")
        )

    @property
    def airflow_database_url(self) -> str:
        """As SQLAlchemy 2 with psycopg 3 wants it, where the database is ours; as given where it is not."""
        return self.given.airflow_database_url or self.postgres_url("airflow", "airflow").replace(
            "postgresql:", "postgresql+psycopg:", 1
        )

    @property
    def parking_database_url(self) -> str:
        """Airflow's database as parking's login; where the database is not ours, as given, or none."""
        if self.given.airflow_database_url:
            return self.given.parking_database_url
        return self.postgres_url(PARKING_LOGIN, "airflow")

    @property
    def redis_url(self) -> str:
        return self.given.redis_url or f"redis://:{self.secrets['valkey']}@127.0.0.1:{self.ports['valkey']}/0"

    @property
    def broker_url(self) -> str:
        """Celery's."""
        return broker_url(self.redis_url)

    @property
    def kafka(self) -> KafkaAccess:
        """As the user who may do everything there."""
        return self.given.kafka if self.given.kafka_bootstrap else self.kafka_as(KAFKA_USER)

    @property
    def hr_kafka(self) -> KafkaAccess:
        """As an HR system, where the broker is the stack's own."""
        return self.given.kafka if self.given.kafka_bootstrap else self.kafka_as(KAFKA_HR_USER)

    @property
    def gateway_kafka(self) -> KafkaAccess:
        """As the webhook gateway, where the broker is the stack's own."""
        return self.given.kafka if self.given.kafka_bootstrap else self.kafka_as(KAFKA_GATEWAY_USER)

    def kafka_as(self, user: str) -> KafkaAccess:
        """The stack's own Kafka, which proves in signing in that it knows the password, and is not told
        it.
        """
        return KafkaAccess(
            f"127.0.0.1:{self.ports['kafka']}",
            "SASL_PLAINTEXT",
            KAFKA_MECHANISM,
            user,
            self.secrets[f"kafka_{user}"],
        )

    @property
    def airflow_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['airflow']}"

    @property
    def mail(self) -> dict[str, str]:
        """The settings by which the platform's own mails come to the demonstration's inbox; none of them
        where its starter has said anything of mails.
        """
        inbox = discover()[INBOX]
        if any(name.startswith(MAIL) for name in self.passed.settings):
            return {}
        (server,) = inbox.connections
        known = inbox.places(self.ports) | {"secret": self.secrets[inbox.secret]}
        told = {name: text.format_map(known) for name, text in server.fields.items()}
        names = {"login": "USERNAME"}
        return {f"{MAIL}{names.get(name, name.upper())}": text for name, text in told.items()}

    @property
    def environment(self) -> dict[str, str]:
        """What commands that people call are given (see `officeflow.settings`)."""
        return {
            "OFFICEFLOW_AUDIT_ANCHORS": str(self.layout.anchors),
            "OFFICEFLOW_CONNECTION_NETWORKS": LOOPBACK_NETWORKS,
            **self.mail,
            **self.passed.settings,
            "OFFICEFLOW_HOME": str(self.layout.home),
            "OFFICEFLOW_SERVERS": str(self.layout.servers),
            "OFFICEFLOW_DATABASE_URL": self.database_url,
            "OFFICEFLOW_DATABASE_TENANT_URL": self.database_tenant_url or self.database_url,
            "OFFICEFLOW_DATABASE_SERVICE_URL": self.database_service_url or self.database_url,
            "OFFICEFLOW_DATABASE_GATEWAY_URL": self.database_gateway_url or self.database_url,
            "OFFICEFLOW_PARKING_DATABASE_URL": self.parking_database_url,
            "OFFICEFLOW_REDIS_URL": self.redis_url,
            **self.kafka.environment,
            "OFFICEFLOW_AIRFLOW_URL": self.airflow_url,
            "OFFICEFLOW_AIRFLOW_USERNAME": "officeflow",
            "OFFICEFLOW_AIRFLOW_PASSWORD": self.secrets["airflow_service"],
            "OFFICEFLOW_AIRFLOW_LOGS": str(self.layout.airflow_logs),
            "OFFICEFLOW_ENCRYPTION_KEYS": self.secrets.get("encryption_keys", secrets.fernet_key),
            "OFFICEFLOW_GATEWAY_PORT": str(self.ports["gateway"]),
            "OFFICEFLOW_NODE_QUEUE": NODE_QUEUE,
            "OFFICEFLOW_CHECK_SOCKET": str(self.layout.check_socket),
            "OFFICEFLOW_AUDIT_KEY": self.secrets["audit_key"],
            "OFFICEFLOW_AUDIT_TAG_KEY": self.secrets["audit_tag_key"],
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def process_environment(self) -> dict[str, str]:
        """What processes of ours are given their part of (`stack.privileges`)."""
        return {**self.passed.for_processes, **self.environment}


def broker_url(redis_url: str) -> str:
    """The database behind the one of this URL: what Celery keeps must not meet what we keep."""
    parts = urlsplit(redis_url)
    number = int(parts.path.strip("/") or 0) + 1
    return parts._replace(path=f"/{number}").geturl()
