"""What a process of OfficeFlow takes from its environment.

Customers' credentials are not here: they are Airflow connections.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from officeflow import setting_forms
from officeflow.errors import InvalidInput
from officeflow.kafka_access import KafkaAccess, SecurityProtocol
from officeflow.setting_forms import (
    BROKERS,
    HOSTS,
    MAILBOX,
    NETWORKS,
    ORIGINS,
    PACKAGES,
    PLACES,
    POSTGRESQL,
    RATE,
    REDIS,
    SOURCE,
    WEB_ADDRESS,
)

SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
MailSecurity = Literal["starttls", "tls", "none"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
DatabaseAddress = Annotated[SecretStr, POSTGRESQL]


PREFIX = "OFFICEFLOW_"


class Settings(BaseSettings):
    """Read from variables that start with `OFFICEFLOW_`; each field's description is its documentation."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", allow_inf_nan=False)

    home: Path = Field(Path(".officeflow"), description="Folder of data, logs, secrets and environments.")
    database_url: DatabaseAddress = Field(
        SecretStr("postgresql://officeflow@127.0.0.1:5432/officeflow"),
        description="OfficeFlow's own database, as the owner of its tables.",
    )
    database_tenant_url: DatabaseAddress = Field(
        SecretStr(""),
        description=(
            "The same as the login of tenants' transactions; `db upgrade` makes it. Empty: as the owner."
        ),
    )
    database_service_url: DatabaseAddress = Field(
        SecretStr(""),
        description=(
            "The same as the login of work across organizations; `db upgrade` makes it. Empty: as the owner."
        ),
    )
    database_gateway_url: DatabaseAddress = Field(
        SecretStr(""),
        description=(
            "The same as the login of the webhook gateway, which reads sources and adds to the quarantine;"
            " `db upgrade` makes it. Empty: as the owner."
        ),
    )
    parking_database_url: DatabaseAddress = Field(
        SecretStr(""),
        description=(
            "Airflow's database, as the login by which runs that wait are parked (docs/parking.md). Empty:"
            " none is."
        ),
    )
    redis_url: Annotated[SecretStr, REDIS] = Field(
        SecretStr("redis://127.0.0.1:6379/0"), description="Redis or Valkey."
    )
    kafka_bootstrap: Annotated[str, BROKERS] = Field(
        "127.0.0.1:9092", description="Kafka brokers, host:port, comma-separated."
    )
    kafka_security_protocol: SecurityProtocol = Field(
        "PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."
    )
    kafka_sasl_mechanism: SaslMechanism = Field(
        "PLAIN", description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; used with the two SASL protocols."
    )
    kafka_username: str = Field("", description="Login at Kafka.")
    kafka_password: SecretStr = Field(SecretStr(""), description="Its password.")
    kafka_ca_file: str = Field(
        "", description="Certificates that Kafka's is checked against; those of the system where it is empty."
    )
    airflow_url: Annotated[str, WEB_ADDRESS] = Field(
        "http://127.0.0.1:8080", description="Airflow's api-server, without /api/v2."
    )
    airflow_username: str = Field("officeflow", description="Service account at Airflow's API.")
    airflow_password: SecretStr = Field(SecretStr(""), description="Its password.")
    oidc_issuer: str = Field(
        "",
        description=(
            "Address of the OpenID provider by which people sign in at Airflow, such as"
            " https://id.example.com/realms/acme (docs/oidc.md); with passwords where it is empty."
        ),
    )
    oidc_client_id: str = Field("officeflow", description="Our name at the OpenID provider.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Our secret there.")
    oidc_login_claim: str = Field(
        "preferred_username", description="The claim that is a person's login at Airflow."
    )
    oidc_groups_claim: str = Field("groups", description="The claim that lists a person's groups.")
    oidc_groups: str = Field(
        "",
        description=(
            "What groups there make of people, comma-separated: `acme-it=acme:operator` a user of the"
            " organization acme, `it=platform` an admin of the platform."
        ),
    )
    oidc_session_minutes: int = Field(
        60,
        ge=1,
        description=(
            "After how long whoever signed in at the provider has to come by there again, unless"
            " AIRFLOW__FAB__SESSION_MAX_LIFETIME_MINUTES says it."
        ),
    )
    encryption_keys: SecretStr = Field(
        SecretStr(""),
        description="Fernet keys for sensitive columns, comma-separated; the first encrypts, all decrypt.",
    )
    audit_key: SecretStr = Field(
        SecretStr(""),
        description=(
            "Key of the audit chain's HMAC, at least 32 characters; the steward's and `audit verify`'s alone."
        ),
    )
    audit_tag_key: SecretStr = Field(
        SecretStr(""),
        description=(
            "Keys of the tags that audit records are born with, comma-separated, each of at least 32"
            " characters; the first is used for new ones. For every process that records what it does."
        ),
    )
    audit_anchors: str = Field(
        "",
        description=(
            "Folder that the steward notes the heads of the audit chains in, outside of the database; none"
            " where it is empty."
        ),
    )
    audit_anchor_seconds: float = Field(
        30.0,
        gt=0,
        le=86_400,
        description="How often, at most, a chain's head is noted outside of the database.",
    )
    event_source: Annotated[str, SOURCE] = Field(
        "officeflow", description="`source` of the CloudEvents that we produce; never consumed."
    )
    event_ahead_hours: float = Field(
        24.0,
        ge=0,
        le=87_600,
        description=(
            "Hours that an event's time may be ahead of the database's clock; later ones are quarantined."
        ),
    )
    outbox_days: float = Field(
        7.0,
        ge=0,
        le=36_500,
        description="Days that a message stays in the outbox after it was sent to Kafka.",
    )
    node_queue: str = Field(
        "", description="Airflow's queue of generated node tasks; the default queue where it is empty."
    )
    handover: bool = Field(
        True,
        description=(
            "Whether a worker whose node succeeded goes on with the next one of the run itself (on, off)."
        ),
    )
    parking: bool = Field(
        True,
        description=(
            "Whether runs that wait are taken out of Airflow's scheduler's sight until there is something to"
            " do (on, off)."
        ),
    )
    node_packages: Annotated[str, PACKAGES] = Field(
        "",
        description=(
            "Packages with node types of your own, comma-separated; each holds `<family>/<file>.py` as"
            " officeflow.nodes does, and perhaps `connectors/<system>/`."
        ),
    )
    check_socket: str = Field(
        "",
        description=(
            "Unix socket at which a process beside the dag-processor checks definitions before they are"
            " published; empty, or nobody there: each check starts a process, which takes seconds longer."
        ),
    )
    http_allowed_hosts: Annotated[str, HOSTS] = Field(
        "",
        description=(
            "Hosts that http.request may call at all, comma-separated (*.example.com); empty leaves it to the"
            " connections."
        ),
    )
    connection_networks: Annotated[str, PLACES] = Field(
        "",
        description=(
            "What organizations' connections may reach beside public addresses, comma-separated: networks"
            " (10.1.0.0/16), addresses, hosts (ad.example.com, *.corp.example.com:636). `up` lists loopback"
            " where it is not set, for the demonstration's systems."
        ),
    )
    http_max_answer_mib: int = Field(
        16,
        ge=1,
        le=1024,
        description=(
            "MiB that an answer of a system may have over HTTP, also unpacked; all answers to one act eight"
            " times that."
        ),
    )
    longest_wait_seconds: float = Field(
        3600.0,
        ge=1,
        le=31_536_000,
        description="Seconds that a system may ask us to wait (Retry-After) before a person is asked.",
    )
    evaluators: int = Field(
        4, ge=1, le=64, description="Processes, at most, that one process uses for expressions and templates."
    )
    evaluator_memory: int = Field(
        256, ge=64, le=65_536, description="MiB that one expression or template may take, at most."
    )
    expression_seconds: float = Field(
        1.0, gt=0, le=60, description="Seconds of computing that one expression may take."
    )
    template_seconds: float = Field(
        5.0, gt=0, le=60, description="Seconds of computing that one template may take."
    )
    airflow_logs: str = Field(
        "",
        description="Folder of Airflow's logs, which the steward tidies; it tidies none where it is empty.",
    )
    task_log_days: int = Field(
        30,
        ge=1,
        le=36_500,
        description="Days that the logs of Airflow's tasks and of its dag-processor are kept.",
    )
    delay_look_minutes: float = Field(
        1440.0,
        gt=0,
        le=525_600,
        description=(
            "Minutes after which what waits for a date of a person's looks whether it has changed. An event"
            " that changes the person's record lets it look at once."
        ),
    )
    replace_patience: float = Field(
        300.0,
        ge=0,
        le=31_536_000,
        description=(
            "Seconds that a run with the concurrency replace waits for what it has cancelled; then it starts"
            " beside what still undoes."
        ),
    )
    public_url: Annotated[str, WEB_ADDRESS] = Field(
        "",
        description=(
            "Where people's browsers find Airflow, for the links in mails, and to tell its pages from"
            " others'; OFFICEFLOW_AIRFLOW_URL where it is empty, for links."
        ),
    )
    link_hours: float = Field(
        72.0,
        gt=0,
        le=8760,
        description="Hours that a link in a mail can be used to answer with, and never past the deadline.",
    )
    mail_host: str = Field(
        "",
        description=(
            "Mail server of the platform itself, which tells people what they are asked; no mails where it is"
            " empty."
        ),
    )
    mail_port: int = Field(
        0, ge=0, le=65535, description="Its port; 0 for the usual one: 587, 465 with tls, 25 with none."
    )
    mail_security: MailSecurity = Field(
        "starttls", description="starttls, tls (from the first byte) or none."
    )
    mail_username: str = Field("", description="Login at the mail server; none where it is empty.")
    mail_password: SecretStr = Field(SecretStr(""), description="Its password; the steward's alone.")
    mail_sender: Annotated[str, MAILBOX] = Field(
        "", description="From whom the mails are, such as `OfficeFlow <officeflow@example.com>`."
    )
    mail_ca_file: str = Field(
        "",
        description=(
            "Certificates that the mail server's is checked against too; those of the system alone where it"
            " is empty."
        ),
    )
    api_rate: Annotated[str, RATE] = Field(
        "1200 per 1 minute",
        description="Requests that one person or program may send to the API, such as `1200 per 1 minute`.",
    )
    api_origins: Annotated[str, ORIGINS] = Field(
        "",
        description=(
            "Origins of other web pages that may call the API from a browser, comma-separated"
            " (https://intranet.example.com); none where it is empty."
        ),
    )
    api_body_kib: int = Field(
        4096, ge=64, le=65_536, description="KiB that a request to the API may have, at most."
    )
    api_body_seconds: float = Field(
        30.0, gt=0, le=3600, description="Seconds within which a request to the API has to arrive as a whole."
    )
    gateway_host: str = Field(
        "127.0.0.1", min_length=1, description="Address that the webhook gateway listens on."
    )
    gateway_port: int = Field(8090, ge=1, le=65535, description="Its port.")
    gateway_url: Annotated[str, WEB_ADDRESS] = Field(
        "",
        description=(
            "Where systems that deliver find it, for the addresses that are shown; its host and port where it"
            " is empty."
        ),
    )
    gateway_trusted_proxies: Annotated[str, NETWORKS] = Field(
        "",
        description=(
            "Networks of the proxies in front of it, comma-separated (10.0.0.0/8): from them alone"
            " X-Forwarded-For and the header of a client's certificate count."
        ),
    )
    gateway_spool: str = Field(
        "",
        description=(
            "Folder of what it has accepted while Kafka is away, of each gateway its own; `gateway` in the"
            " home where it is empty."
        ),
    )
    gateway_spool_mib: int = Field(
        1024, ge=1, le=1_048_576, description="MiB that may wait there; then deliveries are refused (503)."
    )
    gateway_body_seconds: float = Field(
        10.0, gt=0, le=600, description="Seconds that a body may take to arrive."
    )
    gateway_kafka_seconds: float = Field(
        2.0, gt=0.1, le=300, description="Seconds that Kafka may take before a delivery goes to the spool."
    )
    log_level: LogLevel = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_json: bool = Field(True, description="JSON lines on standard error; otherwise text for people.")

    @property
    def kafka(self) -> KafkaAccess:
        return KafkaAccess(
            self.kafka_bootstrap,
            self.kafka_security_protocol,
            self.kafka_sasl_mechanism,
            self.kafka_username,
            self.kafka_password.get_secret_value(),
            self.kafka_ca_file,
        )


def load_settings(**overrides: object) -> Settings:
    """The settings of this process; `InvalidInput` names every variable that is wrong."""
    if overrides:
        return _loaded(**overrides)
    ours = [name for name in os.environ if name.upper().startswith(PREFIX)]
    return _remembered(tuple((name, os.environ[name]) for name in ours))


@lru_cache(maxsize=8)
def _remembered(variables: tuple[tuple[str, str], ...]) -> Settings:
    """Once for these variables: reading them takes a millisecond, and every entry of the audit log asks."""
    del variables
    return _loaded()


def _loaded(**overrides: object) -> Settings:
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = setting_forms.problems(error, PREFIX)
        raise InvalidInput("the settings in the environment are not valid", problems=problems) from None
