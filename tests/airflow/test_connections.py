"""`officeflow connection` against a real Airflow and the organization's audit log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import NullPool, create_engine, select, text

from officeflow.connectors.providers import providers
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Organization
from officeflow.errors import InvalidInput
from officeflow.tenants.connections import Connections
from tests.airflow.embedded import EmbeddedAirflow
from tests.command import Command
from tests.counterparts.process import free_port
from tests.counterparts.scim import ScimServer

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("org", "airflow_settings")]

ADD = ("connection", "add", "acme", "directory", "--provider", "scim")
SCIM = (*ADD, "--no-check", "--set", "url=https://id.acme.example/scim/v2")
"""Of a system that nobody can ask."""


@pytest.fixture
def airflow_settings(airflow: EmbeddedAirflow, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.setup.url)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_PASSWORD", airflow.setup.service_password)
    yield
    for stored in airflow.api.connections("acme."):
        airflow.api.delete_connection(stored["connection_id"])


def test_a_connection_is_added_listed_shown_and_removed_and_each_change_is_audited(
    officeflow: Command, database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_TOKEN", "geheim")
    added = officeflow(*SCIM, "--from-env", "token=THE_TOKEN")
    assert (added.status, added.err) == (0, "")
    fields = {"url": "https://id.acme.example/scim/v2", "token": "(kept)"}
    assert officeflow("connection", "list", "acme", "--json").json == [
        {"name": "directory", "provider": "scim", "fields": fields}
    ]
    assert officeflow("connection", "show", "acme", "directory", "--json").json == {
        "id": "acme.directory",
        "provider": "scim",
        **fields,
    }
    listed = officeflow("connection", "list", "acme")
    assert "url=https://id.acme.example/scim/v2" in listed.out
    assert officeflow("connection", "remove", "acme", "directory").status == 0
    assert officeflow("connection", "list", "acme", "--json").json == []
    with database.service() as session:
        records = session.scalars(select(AuditRecord).where(AuditRecord.org_id == org.org_id)).all()
        seen = [(r.action, r.subject, r.actor, r.details) for r in records]
    details = {"provider": "scim", "fields": ["token", "url"]}
    assert seen == [
        ("connection.added", "connection:acme.directory", "cli:ana", details),
        ("connection.removed", "connection:acme.directory", "cli:ana", {}),
    ]


@pytest.mark.parametrize("way", ["stdin", "file", "ask"])
def test_a_secret_may_come_from_elsewhere_than_the_command_line(
    officeflow: Command, airflow: EmbeddedAirflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("geheim\n")
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: "geheim")
    arguments = {
        "stdin": ("--set", "token=-"),
        "file": ("--from-file", f"token={secret}"),
        "ask": ("--ask", "token"),
    }[way]
    outcome = officeflow(*SCIM, *arguments, stdin="geheim\n")
    assert outcome.status == 0
    assert "geheim" not in outcome.out + outcome.err
    assert airflow.api.connections("acme.")[0]["password"] == "***"


def test_an_edit_changes_what_it_names_and_airflow_keeps_the_secret(
    officeflow: Command, airflow: EmbeddedAirflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_TOKEN", "geheim")
    assert officeflow(*SCIM, "--from-env", "token=THE_TOKEN").status == 0
    edit = ("connection", "edit", "acme", "directory", "--no-check")
    assert officeflow(*edit, "--set", "timeout=7", "--set", "mark=acme").status == 0
    assert officeflow(*edit, "--unset", "mark").status == 0
    assert officeflow("connection", "show", "acme", "directory", "--json").json == {
        "id": "acme.directory",
        "provider": "scim",
        "url": "https://id.acme.example/scim/v2",
        "token": "(kept)",
        "timeout": "7",
    }
    thief = officeflow(*edit, "--set", "url=https://thief.example")
    assert (thief.status, "give it again" in thief.err) == (2, True)
    with create_engine(airflow.setup.database_url, poolclass=NullPool).connect() as connection:
        kept = connection.execute(text("SELECT password FROM connection WHERE conn_id = 'acme.directory'"))
        assert Fernet(airflow.setup.fernet_key).decrypt(kept.scalar_one().encode()) == b"geheim"


def test_a_connection_is_replaced_only_on_request(officeflow: Command) -> None:
    assert officeflow(*SCIM).status == 0
    again = officeflow(*SCIM[:-1], "url=https://other.example")
    assert (again.status, "--replace" in again.err) == (2, True)
    assert officeflow(*SCIM[:-1], "url=https://other.example", "--replace").status == 0
    assert (
        officeflow("connection", "show", "acme", "directory", "--json").json["url"] == "https://other.example"
    )


@pytest.fixture
def globex(airflow: EmbeddedAirflow) -> Iterator[None]:
    """Another organization whose connection leads to the same directory."""
    airflow.api.put_connection("globex.directory", "scim", host="https://id.acme.example/scim/v2/")
    yield
    airflow.api.delete_connection("globex.directory")


@pytest.mark.usefixtures("globex")
def test_a_directory_of_another_organization_is_not_shared_without_a_mark(
    officeflow: Command, airflow: EmbeddedAirflow
) -> None:
    refused = officeflow(*SCIM)
    assert refused.status == 2
    assert "globex.directory" in refused.err
    assert "mark=acme" in refused.err
    assert airflow.api.connections("acme.") == []
    assert officeflow(*SCIM, "--set", "mark=acme").status == 0
    assert officeflow(*SCIM, "--set", "shared=no", "--replace").status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "acme", "mail", "--provider", "smpt", "--set", "host=x"), "smtp"),
        (("add", "acme", "mail", "--provider", "smtp", "--set", "host=x"), "sender: is missing"),
        (
            ("add", "acme", "directory", "--provider", "scim", "--set", "url=127.0.0.1:1/v2"),
            "url: '127.0.0.1:1/v2' has no scheme",
        ),
        (
            (
                "add",
                "acme",
                "directory",
                "--provider",
                "scim",
                "--set",
                "url=https://x",
                "--set",
                "token=geheim",
            ),
            "--from-env token=VARIABLE",
        ),
        (
            (
                "add",
                "acme",
                "directory",
                "--provider",
                "scim",
                "--set",
                "url=https://x",
                "--set",
                "url=https://y",
            ),
            "url: is given twice",
        ),
        (
            (
                "add",
                "acme",
                "directory",
                "--provider",
                "scim",
                "--set",
                "url=https://x",
                "--from-env",
                "token=EMPTY",
            ),
            "token: is empty",
        ),
        (
            ("add", "acme", "shop", "--provider", "http", "--set", "url=https://x", "--set", "auth=basic"),
            "login: is missing: auth is basic",
        ),
        (("check", "acme", "mail"), "no connection 'mail'"),
        (("add", "acme", "mail", "--provider", "smtp", "--set", "hots=x"), "did you mean host"),
        (("add", "acme", "mail", "--provider", "smtp", "--set", "host"), "FIELD="),
        (
            ("add", "acme", "mail", "--provider", "smtp", "--from-env", "host=NO_SUCH_VARIABLE"),
            "NO_SUCH_VARIABLE",
        ),
        (("add", "acme", "mail", "--provider", "smtp", "--from-file", "host=/no/such/file"), "/no/such/file"),
        (
            ("add", "acme", "My Mail", "--provider", "smtp", "--set", "host=x"),
            "cannot be a connection's name",
        ),
        (("add", "acne", "mail", "--provider", "scim", "--set", "url=https://x"), "acme"),
        (("list", "acne"), "acme"),
        (("show", "acme", "mail"), "no connection 'mail'"),
        (("remove", "acme", "mail"), "no connection 'mail'"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do_and_nothing_is_kept(
    officeflow: Command,
    airflow: EmbeddedAirflow,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.setenv("EMPTY", "")
    outcome = officeflow("connection", *arguments)
    assert outcome.status == 2
    assert said in outcome.err
    assert "geheim" not in outcome.out + outcome.err
    assert airflow.api.connections("acme.") == []
    with database.service() as session:
        assert session.scalars(select(AuditRecord)).all() == []


def test_a_system_is_asked_before_its_connection_is_stored(
    officeflow: Command,
    airflow: EmbeddedAirflow,
    database: Database,
    scim_server: ScimServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("THE_TOKEN", "wrong")
    here = (*ADD, "--set", f"url={scim_server.url}", "--from-env", "token=THE_TOKEN")
    refused = officeflow(*here)
    assert refused.status == 2
    assert f"acme.directory was not stored: {scim_server.url}: scim answered 401" in refused.err
    assert "--no-check stores it all the same" in refused.err
    away = officeflow(
        *ADD, "--set", f"url=http://127.0.0.1:{free_port()}/v2", "--from-env", "token=THE_TOKEN"
    )
    assert (away.status, "nobody listens there" in away.err) == (1, True)
    assert airflow.api.connections("acme.") == []
    with database.service() as session:
        assert session.scalars(select(AuditRecord)).all() == []
    monkeypatch.setenv("THE_TOKEN", scim_server.token)
    added = officeflow(*here)
    assert (
        added.out == f"acme.directory: SCIM 2.0 server at {scim_server.url}: a SCIM server with 0 accounts\n"
    )
    assert len(airflow.api.connections("acme.")) == 1


def test_a_connection_is_checked_with_its_secrets_given_once_more_and_its_address_without(
    officeflow: Command, scim_server: ScimServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_TOKEN", scim_server.token)
    officeflow(*ADD, "--set", f"url={scim_server.url}", "--set", "mark=acme", "--from-env", "token=THE_TOKEN")
    check = ("connection", "check", "acme", "directory")
    without = officeflow(*check)
    assert (without.status, without.err) == (3, ""), "a script is not to take it for a login that works"
    assert f"SCIM 2.0 server at {scim_server.url}: it answers, and asks who we are (401)" in without.out
    assert "the login was not checked, give --from-env token=VARIABLE" in without.out
    whole = {"id": "acme.directory", "provider": "scim", "address": scim_server.url}
    told = officeflow(*check, "--from-env", "token=THE_TOKEN", "--json").json
    assert told == {**whole, "found": "a SCIM server with 0 accounts", "not_checked": []}
    monkeypatch.setenv("THE_TOKEN", "wrong")
    wrong = officeflow(*check, "--from-env", "token=THE_TOKEN")
    assert (wrong.status, f"{scim_server.url}: scim answered 401" in wrong.err) == (1, True)
    scim_server.kill()
    away = officeflow(*check)
    assert (away.status, f"{scim_server.url}: scim cannot be reached: nobody listens there" in away.err) == (
        1,
        True,
    )


def test_where_airflow_is_away_it_says_so_and_nothing_is_audited(
    officeflow: Command, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", "http://127.0.0.1:1")
    outcome = officeflow(*SCIM)
    assert (outcome.status, "no answer from Airflow" in outcome.err) == (1, True)
    with database.service() as session:
        assert session.scalars(select(AuditRecord)).all() == []


def test_every_providers_fields_are_listed(officeflow: Command) -> None:
    rows = officeflow("connection", "providers", "--json").json
    assert {row["provider"] for row in rows} == set(providers())
    assert all(row["secret"] for row in rows if row["field"] in {"token", "password"})


def test_new_credentials_take_the_place_of_the_old_and_the_rest_stays(
    officeflow: Command,
    airflow: EmbeddedAirflow,
    database: Database,
    scim_server: ScimServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the API does it."""
    monkeypatch.setenv("OLD", "old")
    fields = ("--set", f"url={scim_server.url}", "--set", "mark=acme", "--from-env", "token=OLD")
    assert officeflow(*ADD, "--no-check", "--description", "Ours", *fields).status == 0
    connections = Connections(database, airflow.api)
    with pytest.raises(InvalidInput):
        connections.rotate("acme", "directory", {"token": "wrong"}, by="airflow:ana")
    with pytest.raises(InvalidInput, match="nobody can read"):
        connections.rotate("acme", "directory", {"login": "ana"}, by="airflow:ana")
    connections.rotate("acme", "directory", {"token": scim_server.token}, by="airflow:ana")
    (stored,) = airflow.api.connections("acme.")
    assert (stored["host"], stored["password"], stored["description"]) == (scim_server.url, "***", "Ours")
    assert connections.find("acme", "directory").extra == {"mark": "acme"}
    with database.service() as session:
        actions = session.scalars(select(AuditRecord.action).order_by(AuditRecord.occurred_at)).all()
    assert actions == ["connection.added", "connection.rotated"]
