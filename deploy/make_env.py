"""Prints a `.env` for docker compose with fresh passwords and keys: `(umask 077; python3 deploy/make_env.py >
.env)`.
"""

import base64
import os
import secrets
import sys

PASSWORDS = (
    "POSTGRES_PASSWORD",
    "AIRFLOW_DATABASE_PASSWORD",
    "OFFICEFLOW_DATABASE_PASSWORD",
    "OFFICEFLOW_TENANT_DATABASE_PASSWORD",
    "OFFICEFLOW_SERVICE_DATABASE_PASSWORD",
    "OFFICEFLOW_GATEWAY_DATABASE_PASSWORD",
    "OFFICEFLOW_PARKING_DATABASE_PASSWORD",
    "VALKEY_PASSWORD",
    "KAFKA_PASSWORD",
    "KAFKA_BROKER_PASSWORD",
    "AIRFLOW_ADMIN_PASSWORD",
    "AIRFLOW_SERVICE_PASSWORD",
    "AIRFLOW_API_SECRET",
    "AIRFLOW_JWT_SECRET",
    "OFFICEFLOW_AUDIT_KEY",
    "OFFICEFLOW_AUDIT_TAG_KEY",
    "SCIM_TOKEN",
    "CALDAV_PASSWORD",
    "INBOX_PASSWORD",
)
FERNET_KEYS = ("AIRFLOW_FERNET_KEY", "OFFICEFLOW_ENCRYPTION_KEYS")


def main() -> None:
    lines = [f"{name}={secrets.token_hex(24)}" for name in PASSWORDS]
    lines += [f"{name}={base64.urlsafe_b64encode(os.urandom(32)).decode()}" for name in FERNET_KEYS]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
