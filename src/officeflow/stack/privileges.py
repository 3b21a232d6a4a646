"""Which process of the stack gets which secret: whoever reads another one's environment finds there only what
that one needs.

Servers (PostgreSQL, Valkey, Kafka) and the demonstration's counterparts get nothing of `Stack.environment` at
all, nor does supervisord.
"""

from __future__ import annotations

from collections.abc import Mapping

NODE_WORKERS = frozenset({"airflow-scheduler", "airflow-worker"})
"""Where nodes act: processes of the scheduler (LocalExecutor), or of Celery's worker."""

API_SERVER = "airflow-api"
"""Where people answer by a mailed link, and where the API is, which asks Airflow as our own account."""

ACCOUNTS = "airflow-init"
"""What makes tables and Airflow's accounts, once and before the others start (`config/airflow_prepare.py`).
"""

GATEWAY = "gateway"
"""What stands where anybody may send something: it gets a login at PostgreSQL and one at Kafka of its own."""

PLATFORM = (
    frozenset({"listener", "steward", "airflow-dag-processor", "airflow-triggerer", API_SERVER, ACCOUNTS})
    | NODE_WORKERS
)
"""Our processes and Airflow's that work on what belongs to the organizations."""

READERS: Mapping[str, frozenset[str]] = {
    "OFFICEFLOW_DATABASE_URL": frozenset({ACCOUNTS}),
    "OFFICEFLOW_DATABASE_TENANT_URL": PLATFORM,
    "OFFICEFLOW_DATABASE_SERVICE_URL": PLATFORM,
    "OFFICEFLOW_DATABASE_GATEWAY_URL": frozenset({GATEWAY, ACCOUNTS}),
    "OFFICEFLOW_PARKING_DATABASE_URL": frozenset({"steward", ACCOUNTS}),
    "OFFICEFLOW_KAFKA_PASSWORD": frozenset({"listener", "steward", API_SERVER, GATEWAY}),
    "OFFICEFLOW_AUDIT_KEY": frozenset({"steward"}),
    "OFFICEFLOW_AUDIT_TAG_KEY": frozenset({"listener", "steward", API_SERVER}) | NODE_WORKERS,
    "OFFICEFLOW_ENCRYPTION_KEYS": frozenset({"listener", "steward", API_SERVER, GATEWAY}) | NODE_WORKERS,
    "OFFICEFLOW_MAIL_PASSWORD": frozenset({"steward"}),
    "OFFICEFLOW_OIDC_CLIENT_SECRET": frozenset({API_SERVER}),
    "OFFICEFLOW_AIRFLOW_PASSWORD": frozenset({"listener", "steward", API_SERVER, ACCOUNTS}),
    "OFFICEFLOW_AIRFLOW_ADMIN_PASSWORD": frozenset({ACCOUNTS}),
}
"""Who gets a variable that is a secret; any other is for every process of ours.

Commands that people call get all.
"""


def variables_of(process: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Of `variables`, those that the process of this name may have."""
    return {
        name: value for name, value in variables.items() if name not in READERS or process in READERS[name]
    }
