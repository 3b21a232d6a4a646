"""Where the API is, under Airflow's address or its own."""

from __future__ import annotations

from importlib.metadata import version

PATH = "/officeflow/api/v1"
VERSION = version("officeflow")
