"""`officeflow service-account` and `officeflow token`."""

from __future__ import annotations

import pytest

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.rights.permissions import Permission, Role
from officeflow.tenants.tokens import Tokens
from tests.command import Command

pytestmark = pytest.mark.integration


@pytest.fixture
def tokens(database: Database) -> Tokens:
    return Tokens(database, SystemClock(), fresh=0)


@pytest.fixture
def account(officeflow: Command, org: Organization) -> None:
    made = officeflow("service-account", "create", "acme", "hr", "--role", "operator", "--json")
    assert (made.status, made.json["active"]) == (0, True)


@pytest.mark.usefixtures("account")
def test_accounts_are_listed_shown_and_switched_off_and_on(officeflow: Command) -> None:
    account = {"name": "hr", "description": "", "role": "operator", "active": True}
    assert officeflow("service-account", "list", "acme", "--json").json == [account]
    assert officeflow("service-account", "show", "acme", "hr", "--json").json == account
    assert officeflow("service-account", "deactivate", "acme", "hr", "--json").json["active"] is False
    assert officeflow("token", "create", "acme", "hr").status == 2
    assert officeflow("service-account", "activate", "acme", "hr", "--json").json["active"] is True
    unknown = officeflow("service-account", "show", "acme", "hrr")
    assert (unknown.status, "did you mean hr?" in unknown.err) == (2, True)


@pytest.mark.usefixtures("account")
def test_a_token_is_shown_once_rotated_and_revoked(
    officeflow: Command, tokens: Tokens, org: Organization
) -> None:
    made = officeflow("token", "create", "acme", "hr", "--scope", "run.read", "--days", "7", "--json").json
    known = tokens.principal(made["token"])
    assert known is not None
    assert known.actor == "token:acme/hr"
    assert known.roles == {org.org_id: Role.OPERATOR}
    assert known.scopes == frozenset({Permission.RUN_READ})
    new = officeflow("token", "rotate", "acme", made["prefix"], "--old-for", "0", "--json").json
    assert (new["scopes"], new["state"]) == (["run.read"], "active")
    assert tokens.principal(made["token"]) is None
    listed = officeflow("token", "list", "acme", "--account", "hr", "--json")
    assert [(each["prefix"], each["state"]) for each in listed.json] == [
        (new["prefix"], "active"),
        (made["prefix"], "revoked"),
    ]
    assert new["token"] not in listed.out
    assert officeflow("token", "revoke", "acme", new["prefix"]).status == 0
    assert tokens.principal(new["token"]) is None


@pytest.mark.usefixtures("account")
def test_whoever_makes_one_is_told_to_keep_it(officeflow: Command) -> None:
    made = officeflow("token", "create", "acme", "hr")
    assert "oft_" in made.out
    assert "nobody can show it again" in made.err
    wrong = officeflow("token", "create", "acme", "hr", "--scope", "audit.read")
    assert (wrong.status, "the role operator has not 'audit.read'" in wrong.err) == (2, True)
