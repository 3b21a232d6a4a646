"""Sources: who makes and changes them is on record, their secrets are shown once and to nobody else."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from officeflow.audit.actions import AuditAction
from officeflow.cli.main import main
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Organization, OrganizationKey, WebhookSource
from officeflow.errors import InvalidInput, NotKnown
from officeflow.gateway import administration
from officeflow.gateway.presets import preset
from officeflow.ids import new_id
from officeflow.owners import Owner

BY = "cli:test"


def test_every_decision_is_on_record_without_any_secret(database: Database, org: Organization) -> None:
    made = administration.create(database, "acme", "hr", preset_name="json", by=BY)
    rotated = administration.rotate(database, SystemClock(), "acme", "hr", why="leaked", by=BY)
    changed = administration.change(
        database, "acme", "hr", {**made.source.definition, "per_minute": 5}, why="fewer", by=BY
    )
    administration.delete(database, "acme", "hr", why="over", by=BY)
    assert changed.version == 3
    with database.service() as session:
        records = session.scalars(select(AuditRecord).where(AuditRecord.org_id == org.org_id)).all()
        actions = [record.action for record in records]
        told = json.dumps([record.details for record in records], default=str)
    assert sorted(actions) == sorted(each for each in AuditAction if each.value.startswith("source."))
    assert made.secret
    assert rotated.secret
    assert made.secret not in told
    assert rotated.secret not in told


def test_while_a_secret_is_rotated_two_hold_and_never_three(database: Database, org: Organization) -> None:
    administration.create(database, "acme", "hr", preset_name="json", by=BY)
    for overlap, holding in ((24, 2), (24, 2), (0, 1)):
        rotated = administration.rotate(
            database, SystemClock(), "acme", "hr", overlap=dt.timedelta(hours=overlap), why="x", by=BY
        )
        assert administration.to_json(rotated.source, SystemClock())["secrets"] == holding
        assert len(rotated.source.secrets) == holding


def test_secrets_are_encrypted_in_the_table(database: Database, org: Organization) -> None:
    made = administration.create(database, "acme", "hr", preset_name="json", by=BY)
    with database.engine.connect() as connection:
        row = str(connection.execute(text("SELECT * FROM webhook_sources")).one())
    assert made.secret is not None
    assert made.secret not in row


def test_a_system_that_makes_the_secret_itself_has_to_be_asked_for_it(
    database: Database, org: Organization
) -> None:
    with pytest.raises(InvalidInput, match="makes the secret itself"):
        administration.create(database, "acme", "hr", preset_name="bamboohr", by=BY)
    with pytest.raises(InvalidInput, match="16 to"):
        administration.create(database, "acme", "hr", preset_name="bamboohr", secret="short", by=BY)
    made = administration.create(database, "acme", "hr", preset_name="bamboohr", secret="k" * 32, by=BY)
    assert made.secret is None
    with pytest.raises(InvalidInput, match="already"):
        administration.create(database, "acme", "hr", preset_name="json", by=BY)


def test_an_organization_sees_its_own_sources_alone(
    database: Database, org: Organization, other: Organization
) -> None:
    administration.create(database, "acme", "hr", preset_name="json", by=BY)
    assert administration.every(database, "globex") == []
    with pytest.raises(NotKnown):
        administration.find(database, "globex", "hr")
    with database.tenant(other.org_id) as session:
        assert session.scalars(select(WebhookSource)).all() == []


def test_the_gateways_role_reads_sources_and_adds_to_the_quarantine_and_nothing_else(
    database: Database, org: Organization, other: Organization, gateway_url: str
) -> None:
    """By keys of the organization that it is about, under which it reads nothing."""
    administration.create(database, "acme", "hr", preset_name="json", by=BY)
    database.keys.of_owner(Owner(other.org_id))
    with Database(gateway_url, for_gateway=True) as own:
        for person in (None, new_id()):
            made = own.keys.of_owner(Owner(org.org_id, person))
            assert made.key_id == database.keys.of_owner(Owner(org.org_id, person)).key_id
        with own.gateway() as session:
            assert session.scalars(select(WebhookSource.slug)).all() == ["hr"]
            assert set(session.scalars(select(Organization.slug))) == {"acme", "globex"}
            assert session.scalars(select(OrganizationKey.key_id)).all() == [], "it names no organization"
        for statement in (
            "SELECT 1 FROM employees",
            "SELECT 1 FROM inbox_events",
            "SELECT 1 FROM audit_records",
            "UPDATE webhook_sources SET version = 9",
            "DELETE FROM dead_letters",
            "SELECT body FROM dead_letters",
            "UPDATE person_keys SET retired_at = now()",
            "DELETE FROM organization_keys",
            "SET ROLE officeflow_tenant",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), own.gateway() as session:
                session.execute(text(statement))


def test_the_commands_make_show_try_and_delete_a_source(
    database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))

    def call(*arguments: str, status: int = 0, **more: str) -> str:
        done = CliRunner().invoke(main, ["source", *arguments], **more)  # type: ignore[arg-type]
        assert done.exit_code == status, (done.output, done.exception)
        return done.output

    assert "bamboohr" in call("presets")
    secret = json.loads(call("create", "acme", "hr", "--preset", "json", "--json"))["secret"]
    assert secret not in call("list", "acme") + call("show", "acme", "hr", "--json")
    delivery = tmp_path / "delivery.json"
    delivery.write_text(preset("json").example)
    told = json.loads(call("test", "acme", "hr", str(delivery), "--json"))
    assert [event["kind"] for event in told["events"]] == ["employee.onboard"]
    delivery.write_text('{"type": "fired", "more": 1}')
    shown = call("test", "acme", "hr", str(delivery), status=1)
    assert "kinds: no rule says what it is; kind gives no lifecycle event (add a rule)" in " ".join(
        shown.split()
    )
    assert "not used: body.more" in shown
    definition = tmp_path / "definition.json"
    definition.write_text(call("show", "acme", "hr", "--definition"))
    assert "version 2" in call("change", "acme", "hr", str(definition), "--why", "the same")
    assert json.loads(call("rotate", "acme", "hr", "--why", "x", "--json"))["secret"] != secret
    given = call("rotate", "acme", "hr", "--why", "x", "--secret-stdin", "--json", input="s" * 20 + "\n")
    assert "secret" not in json.loads(given)
    call("delete", "acme", "hr", "--why", "over")
    assert "no sources" in call("list", "acme")
