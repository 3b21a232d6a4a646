"""Where the service is, under Airflow's address or its own."""

from __future__ import annotations

PATH = "/officeflow/scim/v2"
