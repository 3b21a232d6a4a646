"""Accounts at Airflow that our command makes, and what they open there."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest
from click.testing import CliRunner, Result

from officeflow.airflow_api.client import AirflowApi
from officeflow.cli.main import main
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.ids import new_id
from officeflow.tenants import administration
from tests.airflow.embedded import EmbeddedAirflow

pytestmark = pytest.mark.integration


@pytest.fixture
def slug(airflow: EmbeddedAirflow, monkeypatch: pytest.MonkeyPatch) -> str:
    """An organization, and the environment of the commands."""
    url, slug = airflow.setup.environment["OFFICEFLOW_DATABASE_URL"], f"t{secrets.token_hex(4)}"
    for name in ("", "TENANT_", "SERVICE_"):
        monkeypatch.setenv(f"OFFICEFLOW_DATABASE_{name}URL", url)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.setup.url)
    monkeypatch.delenv("OFFICEFLOW_AIRFLOW_ADMIN_PASSWORD", raising=False)
    with Database(url) as database, database.service() as session:
        session.add(
            Organization(org_id=new_id(), slug=slug, name=slug, domain=f"{slug}.example", plan="standard")
        )
    return slug


def typed(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=given)


def test_a_user_gets_an_account_and_works_with_it(airflow: EmbeddedAirflow, slug: str) -> None:
    login, email = f"u{secrets.token_hex(4)}", f"ana@{slug}.example"
    with Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"]) as database:
        administration.create_user(
            database, slug, email=email, name="Ana Luz", role="viewer", airflow_login=login, by="cli:t"
        )
    command = ("user", "create-login", slug, email, "--password-stdin", "--json")
    made: dict[str, Any] = json.loads(typed(*command, given=f"{airflow.setup.admin_password}\n").output)
    assert made["login"] == login
    with AirflowApi(airflow.setup.url, login, made["first_password"]) as api:
        assert api.signed_in_as() == login
        assert api.dag_runs() == []
        assert "Dags" in api._get("/ui/auth/menus")["authorized_menu_items"]
    again = typed(*command, given=f"{airflow.setup.admin_password}\n")
    assert (again.exit_code, made["first_password"] in again.output) != (0, True)
    assert again.exception is not None


def test_nobody_but_an_admin_of_airflow_makes_accounts(airflow: EmbeddedAirflow, slug: str) -> None:
    email = f"bo@{slug}.example"
    with Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"]) as database:
        administration.create_user(
            database, slug, email=email, name="Bo", role="viewer", airflow_login=f"u{slug}", by="cli:t"
        )
    command = ("user", "create-login", slug, email, "--password-stdin", "--airflow-admin", "officeflow")
    refused = typed(*command, given=f"{airflow.setup.service_password}\n")
    assert "only its admins" in f"{refused.output} {refused.exception}"
    users = airflow.admin._get("/auth/fab/v1/users", limit=100)["users"]
    assert f"u{slug}" not in {each["username"] for each in users}
