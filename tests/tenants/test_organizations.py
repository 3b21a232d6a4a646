from __future__ import annotations

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import InvalidInput, NotKnown
from officeflow.tenants import organizations

pytestmark = pytest.mark.integration


def test_what_was_created_is_found_by_slug_and_by_uuid(database: Database) -> None:
    with database.service() as session:
        created = organizations.create(session, slug="globex", name=" Globex ", domain="Globex.Example")
    with database.service() as session:
        assert organizations.find(session, "globex").org_id == created.org_id
        found = organizations.find(session, str(created.org_id).upper())
    assert (found.slug, found.name, found.domain, found.plan, found.settings) == (
        "globex",
        "Globex",
        "globex.example",
        "standard",
        {},
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("slug", value) for value in ("", "Acme", "a--b", "a_b", "-a", "a-", "1a", "a" * 42, "ä", "a\n")),
        ("slug", "abcdef12-3456-4abc-8def-123456789abc"),
        *(("name", value) for value in ("", "  ", "n" * 256, "a\0b")),
        *(
            ("domain", value)
            for value in (
                "",
                "acme",
                "acme..example",
                "-a.example",
                "a b.example",
                "a.example\0",
                "x" * 64 + ".example",
            )
        ),
        *(
            ("domain", value)
            for value in (".".join(["abcdefgh"] * 29), "acme.123", "acme.example.", "bücher.example")
        ),
        ("plan", ""),
    ],
)
def test_what_cannot_be_an_organization_is_refused_by_field(
    database: Database, field: str, value: str
) -> None:
    values = {
        "slug": "globex",
        "name": "Globex",
        "domain": "globex.example",
        "plan": "standard",
        field: value,
    }
    with database.service() as session, pytest.raises(InvalidInput) as caught:
        organizations.create(session, **values)
    assert [problem.path for problem in caught.value.problems] == [field]


def test_all_problems_are_told_at_once(database: Database) -> None:
    with database.service() as session, pytest.raises(InvalidInput) as caught:
        organizations.create(session, slug="A", name="", domain="x", plan="?")
    assert [problem.path for problem in caught.value.problems] == ["slug", "name", "domain", "plan"]


@pytest.mark.parametrize(
    ("slug", "domain", "taken"),
    [("acme", "other.example", "slug 'acme'"), ("domain-inc", "ACME.example", "domain 'acme.example'")],
)
def test_a_slug_or_domain_that_is_taken_is_refused_and_the_transaction_lives_on(
    database: Database, org: Organization, slug: str, domain: str, taken: str
) -> None:
    with database.service() as session:
        with pytest.raises(InvalidInput, match=taken):
            organizations.create(session, slug=slug, name="X", domain=domain)
        assert [each.slug for each in organizations.every(session)] == [org.slug]


def test_an_unknown_slug_suggests_a_close_one(database: Database, org: Organization) -> None:
    with database.service() as session, pytest.raises(NotKnown, match="did you mean acme"):
        organizations.find(session, "acne")


def test_a_tenant_finds_no_other_organization(database: Database, org: Organization) -> None:
    with database.service() as session:
        organizations.create(session, slug="acme-two", name="X", domain="two.example")
    with database.tenant(org.org_id) as session, pytest.raises(NotKnown):
        organizations.find(session, "acme-two")
