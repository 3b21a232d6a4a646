"""What a process of OfficeFlow takes from its environment.

Customers' credentials are not here: they are Airflow connections.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from officeflow.errors import InvalidInput, Problem


class Settings(BaseSettings):
    """Read from variables that start with `OFFICEFLOW_`; each field's description is its documentation."""

    model_config = SettingsConfigDict(env_prefix="OFFICEFLOW_", frozen=True, extra="ignore")

    home: Path = Field(Path(".officeflow"), description="Folder of data, logs, secrets and environments.")
    database_url: SecretStr = Field(
        SecretStr("postgresql://officeflow@127.0.0.1:5432/officeflow"), description="OfficeFlow's own database."
    )
    redis_url: SecretStr = Field(SecretStr("redis://127.0.0.1:6379/0"), description="Redis or Valkey.")
    kafka_bootstrap: str = Field("127.0.0.1:9092", description="Kafka brokers, host:port, comma-separated.")
    airflow_url: str = Field("http://127.0.0.1:8080", description="Airflow's api-server, without /api/v2.")
    airflow_username: str = Field("officeflow", description="Service account at Airflow's API.")
    airflow_password: SecretStr = Field(SecretStr(""), description="Its password.")
    encryption_keys: SecretStr = Field(
        SecretStr(""), description="Fernet keys for sensitive columns, comma-separated; the first encrypts, all decrypt."
    )
    audit_key: SecretStr = Field(SecretStr(""), description="Key of the audit chain's HMAC, at least 32 characters.")
    event_source: str = Field("officeflow", description="`source` of the CloudEvents that we produce; never consumed.")
    outbox_days: float = Field(7.0, ge=0, description="Days that a message stays in the outbox after it was sent to Kafka.")
    node_queue: str = Field("", description="Airflow's queue of generated node tasks; the default queue where it is empty.")
    node_packages: str = Field(
        "", description="Packages with node types of your own, comma-separated; each holds `<family>/<file>.py` as officeflow.nodes does."
    )
    http_allowed_hosts: str = Field(
        "", description="Hosts that http.request may call at all, comma-separated (*.example.com); empty leaves it to the connections."
    )
    evaluators: int = Field(4, ge=1, le=64, description="Processes, at most, that one process uses for expressions and templates.")
    evaluator_memory: int = Field(256, ge=64, description="MiB that one expression or template may take, at most.")
    expression_seconds: float = Field(1.0, gt=0, le=60, description="Seconds of computing that one expression may take.")
    template_seconds: float = Field(5.0, gt=0, le=60, description="Seconds of computing that one template may take.")
    airflow_logs: str = Field("", description="Folder of Airflow's logs, which the steward tidies; it tidies none where it is empty.")
    task_log_days: int = Field(30, ge=1, description="Days that the logs of Airflow's tasks and of its dag-processor are kept.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_json: bool = Field(True, description="JSON lines on standard error; otherwise text for people.")


def load_settings(**overrides: object) -> Settings:
    """The settings of this process; `InvalidInput` names every variable that is wrong."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = [Problem("OFFICEFLOW_" + ".".join(map(str, e["loc"])).upper(), e["msg"]) for e in error.errors()]
        raise InvalidInput("the settings in the environment are not valid", problems=problems) from error
