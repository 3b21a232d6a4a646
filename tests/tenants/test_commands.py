from __future__ import annotations

import json
import os
import secrets

import psycopg
import pytest

from officeflow.cli import common
from officeflow.database.tables import Organization
from officeflow.kafka_access import KafkaAccess
from tests.command import Command, Outcome

pytestmark = pytest.mark.integration


def audited(url: str) -> list[tuple[str, str, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT actor, action, subject FROM audit_records ORDER BY position"
        ).fetchall()


def test_an_organization_is_created_and_audited_also_while_kafka_is_away(
    officeflow: Command, database_url: str
) -> None:
    made = officeflow("org", "create", "globex", "--name", "Globex", "--domain", "globex.example", "--json")
    assert made.status == 0
    assert made.json["topics"].startswith("not created: Kafka at 127.0.0.1:1")
    assert "officeflow org topics globex" in made.json["topics"]
    assert made.err == ""
    assert officeflow("org", "show", "globex", "--json").json["domain"] == "globex.example"
    assert audited(database_url) == [("cli:ana", "organization.created", "organization:globex")]


def test_an_organization_gets_its_topics(
    officeflow: Command, kafka_access: KafkaAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    from confluent_kafka.admin import AdminClient

    for name, value in kafka_access.environment.items():
        monkeypatch.setenv(name, value)
    slug = f"o{secrets.token_hex(4)}"
    assert (
        officeflow("org", "create", slug, "--name", "X", "--domain", f"{slug}.example", "--json").json[
            "topics"
        ]
        == "created"
    )
    names = AdminClient(kafka_access.configuration).list_topics(timeout=10).topics
    assert {f"employee.{kind}.{slug}" for kind in ("onboard", "exit", "transfer", "update")} <= set(names)
    assert officeflow("org", "topics", slug).status == 0
    assert officeflow("org", "topics", slug).out == "all topics exist\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["org", "create", "acme", "--name", "A", "--domain", "other.example"], "slug 'acme' exists already"),
        (
            ["org", "create", "Not a slug", "--name", "A", "--domain", "other.example"],
            "slug: 'Not a slug' is not one",
        ),
        (["org", "show", "acne"], "did you mean acme?"),
        (["org", "topics", "acne"], "did you mean acme?"),
        (
            ["user", "create", "acme", "x@acme.example", "--name", "X", "--role", "boss"],
            "'boss' is not a role",
        ),
        (["user", "show", "acme", "x@acme.example"], "no user 'x@acme.example'"),
        (["user", "list", "acne"], "did you mean acme?"),
        (["employee", "create", "acme", "E1", "--field", "start_date=tomorrow"], "payload.start_date"),
        (["employee", "create", "acme", "E1", "--field", "title"], "not of the form NAME=TEXT"),
        (["employee", "create", "acme", "E1", "--payload", "-"], "is not JSON"),
        (["employee", "show", "acme", "E404"], "no employee 'E404'"),
    ],
)
@pytest.mark.usefixtures("org")
def test_wrong_input_is_told_in_plain_words_with_exit_status_2(
    officeflow: Command, database_url: str, arguments: list[str], says: str
) -> None:
    outcome = officeflow(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert says in outcome.err
    assert "Traceback" not in outcome.err
    assert audited(database_url) == []


def test_a_user_is_created_listed_shown_and_audited(
    officeflow: Command, org: Organization, database_url: str
) -> None:
    made = officeflow("user", "create", org.slug, "Bo@acme.example", "--name", "Bo", "--role", "auditor")
    assert made.status == 0
    assert "bo@acme.example" in officeflow("user", "list", org.slug).out
    shown = officeflow("user", "show", str(org.org_id), "bo@acme.example", "--json").json
    assert (shown["name"], shown["role"], shown["active"]) == ("Bo", "auditor", True)
    assert audited(database_url) == [("cli:ana", "user.created", "user:bo@acme.example")]


def test_a_login_of_another_user_is_refused_with_what_to_do(
    officeflow: Command, org: Organization, database_url: str
) -> None:
    def create(email: str, role: str, login: str) -> Outcome:
        who = ("--name", "X", "--role", role, "--airflow-login", login)
        return officeflow("user", "create", org.slug, email, *who)

    assert create("a@acme.example", "auditor", "acme-auditor").status == 0
    refused = create("b@acme.example", "admin", "ACME-auditor")
    assert (refused.status, refused.out) == (2, "")
    for told in ("airflow_login: ", "a@acme.example's already", "user set-role"):
        assert told in refused.err
    assert len(audited(database_url)) == 1


def test_sensitive_fields_are_shown_on_demand_only_and_that_is_audited(
    officeflow: Command, org: Organization, database_url: str
) -> None:
    payload = json.dumps({"given_name": "Ana", "salary": 4711, "groups": ["a"]})
    made = officeflow(
        "employee", "create", org.slug, "E1", "--payload", "-", "--field", "title=Lead", stdin=payload
    )
    assert made.status == 0
    hidden = officeflow("employee", "show", org.slug, "E1").out
    assert "4711" not in hidden
    assert "(sensitive)" in hidden
    revealed = officeflow("employee", "show", org.slug, "E1", "--reveal", "--json").json
    assert (revealed["salary"], revealed["title"], revealed["groups"], revealed["status"]) == (
        4711,
        "Lead",
        ["a"],
        "active",
    )
    assert audited(database_url) == [
        ("cli:ana", "employee.created", "employee:E1"),
        ("cli:ana", "employee.revealed", "employee:E1"),
    ]
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT audit_records::text FROM audit_records").fetchall()
    assert all("4711" not in row[0] for row in rows)


def test_an_employee_who_exists_is_not_created_again(officeflow: Command, org: Organization) -> None:
    assert officeflow("employee", "create", org.slug, "E1").status == 0
    again = officeflow("employee", "create", org.slug, "E1", "--field", "title=Lead")
    assert (again.status, "already" in again.err) == (2, True)
    assert officeflow("employee", "list", org.slug, "--json").json[0]["external_id"] == "E1"


def test_a_payload_that_is_no_object_is_refused(officeflow: Command, org: Organization) -> None:
    outcome = officeflow("employee", "create", org.slug, "E1", "--payload", "-", stdin="[1]")
    assert (outcome.status, "is not an object" in outcome.err) == (2, True)


def test_empty_lists_say_so(officeflow: Command, org: Organization) -> None:
    assert officeflow("user", "list", org.slug).out == "no users\n"
    assert officeflow("employee", "list", org.slug).out == "no employees\n"
    assert officeflow("employee", "list", org.slug, "--json").json == []


def test_text_from_outside_is_printed_as_it_is(officeflow: Command, org: Organization) -> None:
    """Tables understand markup; what people are called is none."""
    officeflow("user", "create", org.slug, "bo@acme.example", "--name", "[red]Bo[/red]", "--role", "viewer")
    assert "[red]Bo[/red]" in officeflow("user", "list", org.slug).out


def test_a_database_that_is_away_ends_with_status_1(
    officeflow: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    outcome = officeflow("org", "list")
    assert outcome.status == 1
    assert (
        "the database at 127.0.0.1:1 did not answer: Connection refused (`./officeflow up` starts the stack"
        in " ".join(outcome.err.split())
    )
    assert "TCP/IP" not in outcome.err


def test_who_acts_is_named_also_where_the_machine_knows_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("no user name")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert common.actor(None) == f"cli:uid-{os.getuid()}"


@pytest.mark.usefixtures("org")
def test_an_organization_settles_what_of_its_payloads_is_shown_and_it_is_audited(
    officeflow: Command, database_url: str
) -> None:
    assert officeflow("org", "events", "acme", "--json").json == {
        "shown_fields": [],
        "empty_text_is_null": False,
    }
    changed = officeflow(
        "org",
        "events",
        "acme",
        "--show",
        "shirtSize",
        "--show",
        "level",
        "--empty-text-is-null",
        "--why",
        "swag",
        "--json",
    )
    assert changed.json == {"shown_fields": ["level", "shirtSize"], "empty_text_is_null": True}
    hidden = officeflow("org", "events", "acme", "--hide", "SHIRT-SIZE", "--why", "no more", "--json")
    assert hidden.json == {"shown_fields": ["level"], "empty_text_is_null": True}
    assert officeflow("org", "events", "acme", "--json").json == hidden.json
    assert audited(database_url) == [("cli:ana", "organization.events_settled", "organization:acme")] * 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--show", "homeEmail", "--why", "x"], "homeEmail: by its name it is private"),
        (["--show", "payRate", "--show", "level", "--why", "x"], "payRate: by its name it is private"),
        (
            ["--show", "salary", "--although-private", "--why", "x"],
            "salary: the schemas say that it is private",
        ),
        (["--show", "department", "--why", "x"], "every event shows it"),
        (["--show", "--", "--why", "x"], "no name of a field"),
        (["--hide", "level", "--why", "x"], "not one of the fields that the organization shows"),
        (["--show", "level"], "a change needs its reason"),
    ],
)
@pytest.mark.usefixtures("org")
def test_a_private_field_is_not_shown_by_mistake(
    officeflow: Command, database_url: str, arguments: list[str], says: str
) -> None:
    refused = officeflow("org", "events", "acme", *arguments)
    assert refused.status == 2
    assert says in refused.err
    assert officeflow("org", "events", "acme", "--json").json["shown_fields"] == []
    assert audited(database_url) == []


@pytest.mark.usefixtures("org")
def test_a_private_field_is_shown_where_somebody_says_so(officeflow: Command) -> None:
    shown = officeflow(
        "org",
        "events",
        "acme",
        "--show",
        "taxOffice",
        "--although-private",
        "--why",
        "the office, not the number",
        "--json",
    )
    assert shown.json["shown_fields"] == ["taxOffice"]
