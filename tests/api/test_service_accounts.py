"""Service accounts and tokens over HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from officeflow.database.engine import Database
from officeflow.database.tables import ApiToken, Organization
from officeflow.rights.permissions import Permission, Role
from tests.api.audited import audited

pytestmark = pytest.mark.integration
Header = dict[str, str]
ACME = "/organizations/acme"
ACCOUNTS, TOKENS = f"{ACME}/service-accounts", f"{ACME}/tokens"
OF_HR = f"{ACCOUNTS}/hr/tokens"


def bearer(token: str) -> Header:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def admin(as_role: Callable[[Role], Header]) -> Header:
    return as_role(Role.ADMIN)


@pytest.fixture
def hr(anybody: TestClient, admin: Header) -> Header:
    """There is the service account `hr`, an operator; the header is an admin's."""
    new = {"name": "hr", "role": "operator", "description": "Sends events"}
    assert anybody.post(ACCOUNTS, json=new, headers=admin).status_code == 201
    return admin


def token_of(anybody: TestClient, admin: Header, **wanted: Any) -> dict[str, Any]:
    made = anybody.post(OF_HR, json=wanted, headers=admin)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


class TestAccounts:
    def test_one_is_created_listed_and_shown(
        self, anybody: TestClient, database: Database, hr: Header
    ) -> None:
        shown = anybody.get(f"{ACCOUNTS}/hr", headers=hr).json()
        assert (shown["role"], shown["active"], shown["description"]) == ("operator", True, "Sends events")
        assert anybody.get(ACCOUNTS, params={"active": True}, headers=hr).json()["items"] == [shown]
        assert anybody.get(ACCOUNTS, params={"active": False}, headers=hr).json()["items"] == []
        assert audited(database, "action", "subject") == [("account.created", "service_account:hr")]

    def test_what_is_wrong_with_one(self, anybody: TestClient, hr: Header) -> None:
        wrong = anybody.post(
            ACCOUNTS, json={"name": "H R", "role": "viewer", "description": "x" * 256}, headers=hr
        )
        assert [each["path"] for each in wrong.json()["problems"]] == ["body.name", "body.description"]
        taken = anybody.post(ACCOUNTS, json={"name": "hr", "role": "viewer"}, headers=hr)
        assert (taken.status_code, "already" in taken.json()["detail"]) == (422, True)
        near = anybody.get(f"{ACCOUNTS}/hrr", headers=hr).json()
        assert (near["status"], near["hint"]) == (404, "did you mean hr?")

    def test_while_it_is_not_active_its_tokens_open_nothing(
        self, anybody: TestClient, database: Database, hr: Header
    ) -> None:
        token = bearer(token_of(anybody, hr)["token"])
        assert anybody.get(ACME, headers=token).status_code == 200
        assert anybody.post(f"{ACCOUNTS}/hr/deactivate", headers=hr).json()["active"] is False
        assert anybody.get(ACME, headers=token).status_code == 401
        assert anybody.post(OF_HR, json={}, headers=hr).status_code == 422
        assert anybody.post(f"{ACCOUNTS}/hr/activate", headers=hr).json()["active"] is True
        assert anybody.get(ACME, headers=token).status_code == 200
        actions = [action for (action,) in audited(database, "action")]
        assert actions[-2:] == ["account.deactivated", "account.activated"]


class TestTokens:
    def test_it_is_shown_once_and_kept_as_a_digest(
        self, anybody: TestClient, database: Database, hr: Header
    ) -> None:
        made = token_of(anybody, hr)
        shown = anybody.get(f"{TOKENS}/{made['prefix']}", headers=hr)
        assert shown.json() == {name: value for name, value in made.items() if name != "token"}
        assert made["token"].startswith(made["prefix"])
        with database.service() as session:
            row = session.scalars(select(ApiToken)).one()
            everything = session.scalars(text("SELECT t::text FROM api_tokens t")).one()
        assert made["token"][12:] not in everything
        assert row.expires_at - row.created_at == dt.timedelta(days=90)
        told = str(audited(database, "subject", "details"))
        assert made["prefix"] in told
        assert made["token"] not in told

    def test_it_does_what_its_scopes_allow_and_when_it_was_used_is_seen(
        self, anybody: TestClient, hr: Header
    ) -> None:
        made = token_of(anybody, hr, scopes=["organization.read"], days=1)
        assert made["last_used_at"] is None
        assert anybody.get(ACME, headers=bearer(made["token"])).status_code == 200
        assert anybody.get(f"{ACME}/users", headers=bearer(made["token"])).status_code == 403
        shown = anybody.get(f"{TOKENS}/{made['prefix']}", headers=hr).json()
        assert shown["last_used_at"] is not None
        assert shown["scopes"] == ["organization.read"]

    def test_a_revoked_one_opens_nothing_at_once(
        self, anybody: TestClient, database: Database, hr: Header
    ) -> None:
        made = token_of(anybody, hr)
        assert anybody.get(ACME, headers=bearer(made["token"])).status_code == 200
        place = f"{TOKENS}/{made['prefix']}"
        assert [anybody.delete(place, headers=hr).status_code for _ in range(2)] == [204, 204]
        assert anybody.get(ACME, headers=bearer(made["token"])).status_code == 401
        assert anybody.get(place, headers=hr).json()["state"] == "revoked"
        assert [action for (action,) in audited(database, "action")].count("token.revoked") == 1

    def test_a_rotated_one_goes_on_for_a_while(self, anybody: TestClient, hr: Header) -> None:
        old = token_of(anybody, hr, scopes=["organization.read"])
        new = anybody.post(
            f"{TOKENS}/{old['prefix']}/rotate", json={"old_for_hours": 2, "days": 30}, headers=hr
        ).json()
        assert new["scopes"] == old["scopes"]
        for token in (old, new):
            assert anybody.get(ACME, headers=bearer(token["token"])).status_code == 200
        shown = anybody.get(f"{TOKENS}/{old['prefix']}", headers=hr).json()
        left = dt.datetime.fromisoformat(shown["expires_at"]) - dt.datetime.fromisoformat(new["created_at"])
        assert left == dt.timedelta(hours=2)

    def test_or_ends_at_once_and_is_not_rotated_again(self, anybody: TestClient, hr: Header) -> None:
        old = token_of(anybody, hr)
        rotate = f"{TOKENS}/{old['prefix']}/rotate"
        assert anybody.post(rotate, json={"old_for_hours": 0}, headers=hr).status_code == 201
        assert anybody.get(ACME, headers=bearer(old["token"])).status_code == 401
        again = anybody.post(rotate, json={}, headers=hr)
        assert (again.status_code, "revoked" in again.json()["detail"]) == (422, True)

    def test_they_are_listed_the_newest_first_in_pages(self, anybody: TestClient, hr: Header) -> None:
        anybody.post(ACCOUNTS, json={"name": "payroll", "role": "viewer"}, headers=hr)
        made = [token_of(anybody, hr)["prefix"] for _ in range(3)]
        anybody.post(f"{ACCOUNTS}/payroll/tokens", json={}, headers=hr)
        first = anybody.get(TOKENS, params={"limit": 2, "account": "hr"}, headers=hr).json()
        rest = anybody.get(
            TOKENS, params={"limit": 2, "account": "hr", "cursor": first["next"]}, headers=hr
        ).json()
        assert [each["prefix"] for each in first["items"] + rest["items"]] == made[::-1]
        assert len(anybody.get(TOKENS, headers=hr).json()["items"]) == 4
        assert anybody.get(TOKENS, params={"account": "nobody"}, headers=hr).status_code == 404

    @pytest.mark.parametrize("days", [0, 366, -1])
    def test_it_holds_a_year_at_most(self, anybody: TestClient, hr: Header, days: int) -> None:
        answer = anybody.post(OF_HR, json={"days": days}, headers=hr)
        assert [each["path"] for each in answer.json()["problems"]] == ["body.days"]

    def test_scopes_beyond_the_accounts_role_are_refused(self, anybody: TestClient, hr: Header) -> None:
        answer = anybody.post(OF_HR, json={"scopes": ["audit.read", "run.read"]}, headers=hr)
        assert answer.status_code == 422
        assert [each["reason"] for each in answer.json()["problems"]] == [
            "the role operator has not 'audit.read'"
        ]
        assert anybody.post(OF_HR, json={"scopes": []}, headers=hr).status_code == 422
        unknown = anybody.post(OF_HR, json={"scopes": ["run.rule"]}, headers=hr).json()
        assert [each["path"] for each in unknown["problems"]] == ["body.scopes[0]"]

    def test_another_organizations_token_is_not_there(
        self, anybody: TestClient, hr: Header, other: Organization, person: Callable[..., str]
    ) -> None:
        made = token_of(anybody, hr)
        foreign = bearer(person(other, Role.ADMIN))
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/rotate")):
            body: dict[str, Any] | None = {} if method == "POST" else None
            answer = anybody.request(
                method, f"/organizations/globex/tokens/{made['prefix']}{path}", json=body, headers=foreign
            )
            assert answer.status_code == 404
        assert anybody.get(ACME, headers=bearer(made["token"])).status_code == 200

    def test_the_same_request_gives_the_same_token(
        self, anybody: TestClient, database: Database, hr: Header
    ) -> None:
        headers = hr | {"Idempotency-Key": "one"}
        first, second = (anybody.post(OF_HR, json={}, headers=headers).json() for _ in range(2))
        assert first == second
        with database.service() as session:
            kept = session.scalars(text("SELECT k::text FROM idempotency_keys k")).one()
            assert len(session.scalars(select(ApiToken)).all()) == 1
        assert first["token"][12:] not in kept


class TestNobodyGivesARightThatTheyHaveNot:
    @pytest.fixture
    def narrow(self, program: Callable[..., str]) -> Header:
        """An admin's role of which only accounts and runs are left."""
        scopes = [Permission.SERVICE_ACCOUNT_MANAGE, Permission.RUN_READ]
        return bearer(program(Role.ADMIN, scopes=scopes))

    def test_not_by_an_account(self, anybody: TestClient, narrow: Header) -> None:
        answer = anybody.post(ACCOUNTS, json={"name": "mine", "role": "admin"}, headers=narrow)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_yours_to_give")
        assert "employee.reveal" in answer.json()["detail"]

    def test_not_by_a_token(self, anybody: TestClient, hr: Header, narrow: Header) -> None:
        assert anybody.post(OF_HR, json={}, headers=narrow).status_code == 403
        wider = anybody.post(OF_HR, json={"scopes": ["run.read", "run.start"]}, headers=narrow)
        assert wider.json()["detail"] == "nobody gives a right that they have not: run.start"
        assert anybody.post(OF_HR, json={"scopes": ["run.read"]}, headers=narrow).status_code == 201

    def test_not_by_rotation_or_activation(self, anybody: TestClient, hr: Header, narrow: Header) -> None:
        wide = token_of(anybody, hr)
        rotated = anybody.post(f"{TOKENS}/{wide['prefix']}/rotate", json={}, headers=narrow)
        assert rotated.status_code == 403
        assert anybody.post(f"{ACCOUNTS}/hr/activate", headers=narrow).status_code == 403
        assert anybody.post(f"{ACCOUNTS}/hr/deactivate", headers=narrow).status_code == 200
