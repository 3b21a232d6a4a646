"""Connections over HTTP, to a real SCIM server; what Airflow keeps of them stands in memory here
(`tests/airflow/test_connections.py` has the real one).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

from officeflow.api.context import Context
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.rights.permissions import Role
from tests.api.audited import audited
from tests.counterparts.scim import ScimServer
from tests.tenants.using import add_workflow

pytestmark = pytest.mark.integration
Header = dict[str, str]
PATH = "/organizations/acme/connections"


class Kept:
    """`AirflowConnections`, whose `passwords` it shows nobody."""

    def __init__(self) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.passwords: dict[str, str | None] = {}

    def connections(self, prefix: str = "") -> Sequence[Mapping[str, Any]]:
        return [each for key, each in sorted(self.stored.items()) if key.startswith(prefix)]

    def put_connection(self, connection_id: str, conn_type: str, **given: Any) -> bool:
        is_new = connection_id not in self.stored
        if given["password"] != "***":
            self.passwords[connection_id] = given["password"]
        self.stored[connection_id] = {
            "connection_id": connection_id,
            "conn_type": conn_type,
            **given,
            "password": given["password"] and "***",
            "extra": json.dumps(given["extra"]) if given["extra"] else None,
        }
        return is_new

    def delete_connection(self, connection_id: str) -> None:
        del self.stored[connection_id]


@pytest.fixture
def kept(context: Context, monkeypatch: pytest.MonkeyPatch) -> Kept:
    made = Kept()

    @contextmanager
    def airflow() -> Iterator[Kept]:
        yield made

    monkeypatch.setattr(context, "airflow", airflow)
    return made


@pytest.fixture
def admin(kept: Kept, as_role: Callable[[Role], Header]) -> Header:
    return as_role(Role.ADMIN)


@pytest.fixture
def directory(scim_server: ScimServer) -> dict[str, Any]:
    fields = {"url": scim_server.url, "token": scim_server.token}
    return {"name": "directory", "provider": "scim", "fields": fields, "description": "Ours"}


def test_one_is_kept_once_the_system_lets_us_in_and_no_answer_has_its_secret(
    anybody: TestClient, database: Database, admin: Header, directory: dict[str, Any], kept: Kept
) -> None:
    made = anybody.post(PATH, json=directory, headers=admin)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == "/officeflow/api/v1/organizations/acme/connections/directory"
    assert made.json()["found"]
    listed, shown = anybody.get(PATH, headers=admin), anybody.get(f"{PATH}/directory", headers=admin)
    assert listed.json()["items"] == [shown.json()]
    assert shown.json()["fields"] == {"url": directory["fields"]["url"], "token": "(kept)"}
    secret = directory["fields"]["token"]
    assert kept.passwords["acme.directory"] == secret
    assert secret not in made.text + listed.text + shown.text + str(audited(database, "details"))
    assert anybody.post(PATH, json=directory, headers=admin).status_code == 422
    gone = [anybody.delete(f"{PATH}/directory", headers=admin).status_code for _ in range(2)]
    assert gone == [204, 404]
    assert [action for (action,) in audited(database, "action")] == ["connection.added", "connection.removed"]


def test_one_that_an_active_workflow_uses_is_kept_until_it_is_forced(
    anybody: TestClient, database: Database, org: Organization, admin: Header, directory: dict[str, Any]
) -> None:
    add_workflow(database, org, "hiring", [{"account": "directory"}])
    assert anybody.post(PATH, json=directory, headers=admin).status_code == 201
    refused = anybody.delete(f"{PATH}/directory", headers=admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert [each["path"] for each in refused.json()["problems"]] == ["hiring"]
    assert "account" in refused.json()["problems"][0]["reason"]
    forced = {"force": "true"}
    assert anybody.delete(f"{PATH}/directory", params=forced, headers=admin).status_code == 422
    forced["why"] = "it was hacked"
    assert anybody.delete(f"{PATH}/directory", params=forced, headers=admin).status_code == 204


def test_one_that_does_not_let_us_in_is_not_kept(
    anybody: TestClient, admin: Header, directory: dict[str, Any], kept: Kept
) -> None:
    wrong = directory | {"fields": directory["fields"] | {"token": "wrong-token-of-somebody"}}
    answer = anybody.post(PATH, json=wrong, headers=admin)
    assert answer.status_code == 422
    assert "wrong-token-of-somebody" not in answer.text
    assert kept.stored == {}
    assert anybody.post(PATH, json=wrong | {"check": False}, headers=admin).json()["found"] is None


def test_it_is_tested_with_and_without_its_secrets(
    anybody: TestClient, admin: Header, directory: dict[str, Any]
) -> None:
    anybody.post(PATH, json=directory, headers=admin)
    without = anybody.post(f"{PATH}/directory/check", json={}, headers=admin).json()
    assert without["not_checked"] == ["token"]
    fields = {"token": directory["fields"]["token"]}
    tested = anybody.post(f"{PATH}/directory/check", json={"fields": fields}, headers=admin)
    assert tested.json()["not_checked"] == []
    wrong = anybody.post(f"{PATH}/directory/check", json={"fields": {"token": "wrong"}}, headers=admin)
    assert wrong.status_code == 502


class TestRotation:
    @pytest.fixture
    def rotate(self, anybody: TestClient, admin: Header, directory: dict[str, Any], kept: Kept) -> Any:
        """The connection has an older token than the system has; gives what the rotation answers."""
        old = directory | {"fields": directory["fields"] | {"token": "old"}, "check": False}
        assert anybody.post(PATH, json=old, headers=admin).status_code == 201
        return lambda fields: anybody.post(f"{PATH}/directory/rotate", json={"fields": fields}, headers=admin)

    def test_the_new_secret_takes_the_old_ones_place(
        self, rotate: Any, directory: dict[str, Any], kept: Kept, database: Database
    ) -> None:
        token = directory["fields"]["token"]
        answer = rotate({"token": token})
        assert (answer.status_code, token in answer.text) == (200, False)
        assert kept.passwords["acme.directory"] == token
        assert kept.stored["acme.directory"]["host"] == directory["fields"]["url"]
        assert kept.stored["acme.directory"]["description"] == "Ours"
        assert audited(database, "action", "details")[-1] == ("connection.rotated", {"fields": ["token"]})

    @pytest.mark.parametrize(
        ("fields", "place"),
        [
            ({"token": "not this one either"}, None),
            ({"token": "x", "url": "https://elsewhere.example"}, "body.fields.url"),
            ({"login": "somebody"}, "body.fields.token"),
            ({}, "body.fields.token"),
        ],
    )
    def test_what_does_not_let_us_in_or_is_not_whole_changes_nothing(
        self, rotate: Any, kept: Kept, fields: dict[str, str], place: str | None
    ) -> None:
        answer = rotate(fields)
        assert answer.status_code == 422
        assert [each["path"] for each in answer.json()["problems"]] == ([place] if place else [])
        assert kept.passwords["acme.directory"] == "old"


class TestChange:
    @pytest.fixture
    def change(self, anybody: TestClient, admin: Header, directory: dict[str, Any]) -> Any:
        """Changes fields of a connection that is there; gives what is answered."""
        assert anybody.post(PATH, json=directory, headers=admin).status_code == 201

        def changed(fields: Mapping[str, str | None], **more: Any) -> Any:
            match = more.pop("match", "*")
            body = {"fields": fields, **more}
            return anybody.patch(f"{PATH}/directory", json=body, headers=admin | {"If-Match": match})

        return changed

    def test_fields_are_changed_and_taken_away_and_the_secret_stays(
        self,
        change: Any,
        anybody: TestClient,
        admin: Header,
        directory: dict[str, Any],
        kept: Kept,
        database: Database,
    ) -> None:
        seen = anybody.get(f"{PATH}/directory", headers=admin)
        answer = change({"timeout": "7", "mark": "acme"}, match=seen.headers["etag"])
        assert answer.status_code == 200, answer.text
        fields = seen.json()["fields"]
        assert answer.json()["fields"] == fields | {"timeout": "7", "mark": "acme"}
        now = anybody.get(f"{PATH}/directory", headers=admin)
        assert now.headers["etag"] == answer.headers["etag"] != seen.headers["etag"]
        assert change({"mark": None}, match=now.headers["etag"]).json()["fields"] == fields | {"timeout": "7"}
        assert kept.passwords["acme.directory"] == directory["fields"]["token"]
        assert kept.stored["acme.directory"]["description"] == "Ours"
        action, details = audited(database, "action", "details")[-1]
        assert (action, details) == (
            "connection.changed",
            {"fields": ["mark"], "before": {"mark": "acme"}, "after": {}},
        )

    def test_a_state_that_was_not_seen_is_not_changed(
        self, change: Any, anybody: TestClient, admin: Header, kept: Kept
    ) -> None:
        old = anybody.get(f"{PATH}/directory", headers=admin).headers["etag"]
        assert change({"timeout": "7"}, match=old).status_code == 200
        assert change({"timeout": "8"}, match=old).status_code == 412
        without = anybody.patch(f"{PATH}/directory", json={"fields": {"timeout": "8"}}, headers=admin)
        assert without.status_code == 428
        assert json.loads(kept.stored["acme.directory"]["extra"]) == {"timeout": "7"}

    @pytest.mark.parametrize(
        ("fields", "places"),
        [
            ({"token": "new"}, ["token"]),
            ({"url": "https://thief.example"}, ["token"]),
            ({"url": "https://thief.example", "token": "***"}, ["token"]),
            ({"proxy": "http://thief.example:3128"}, ["token"]),
            ({"ca_file": "/etc/ssl/certs/ca-certificates.crt"}, ["token"]),
            ({"urk": "x"}, ["urk"]),
            ({"timeout": "soon"}, ["timeout"]),
        ],
    )
    def test_no_secret_is_sent_where_somebody_else_wants_it_and_none_is_changed(
        self, change: Any, kept: Kept, directory: dict[str, Any], fields: dict[str, str], places: list[str]
    ) -> None:
        before = dict(kept.stored["acme.directory"])
        answer = change(fields, check=False)
        assert answer.status_code == 422
        assert [each["path"] for each in answer.json()["problems"]] == [f"body.fields.{p}" for p in places]
        assert kept.stored["acme.directory"] == before
        assert kept.passwords["acme.directory"] == directory["fields"]["token"]

    def test_it_leads_elsewhere_with_its_secret_given_again_and_the_next_test_goes_there(
        self, change: Any, anybody: TestClient, admin: Header, directory: dict[str, Any], kept: Kept
    ) -> None:
        token, url = directory["fields"]["token"], directory["fields"]["url"]
        elsewhere = url.replace("127.0.0.1", "localhost")
        assert change({"url": elsewhere, "token": "wrong"}).status_code == 422
        assert kept.stored["acme.directory"]["host"] == url
        assert change({"url": elsewhere, "token": token}).status_code == 200
        tested = anybody.post(f"{PATH}/directory/check", json={}, headers=admin).json()
        assert tested["address"] == elsewhere

    def test_what_was_changed_meanwhile_by_another_door_is_not_overwritten(
        self, change: Any, kept: Kept, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, looks = kept.connections, []

        def and_then_another(prefix: str = "") -> Sequence[Mapping[str, Any]]:
            looks.append(prefix)
            found = [dict(each) for each in real(prefix)]
            if len(looks) == 1:
                kept.stored["acme.directory"]["description"] = "Theirs"
            return found

        monkeypatch.setattr(kept, "connections", and_then_another)
        assert "changed meanwhile" in change({"timeout": "7"}).json()["detail"]
        assert kept.stored["acme.directory"]["extra"] is None


@pytest.mark.parametrize("listed", ["", "10.0.0.0/8"])
def test_a_connection_leads_to_no_address_of_ours_that_the_platform_does_not_list(
    anybody: TestClient,
    admin: Header,
    platform_admin: Header,
    directory: dict[str, Any],
    kept: Kept,
    monkeypatch: pytest.MonkeyPatch,
    listed: str,
) -> None:
    """Whoever asks, and whether or not something answers there; the directory's own is on loopback."""
    assert anybody.post(PATH, json=directory, headers=admin).status_code == 201
    monkeypatch.setenv("OFFICEFLOW_CONNECTION_NETWORKS", listed)
    fields = {"token": directory["fields"]["token"]}
    attempts = [
        anybody.post(f"{PATH}/directory/check", json={}, headers=admin),
        anybody.post(f"{PATH}/directory/check", json={"fields": fields}, headers=platform_admin),
        anybody.post(f"{PATH}/directory/rotate", json={"fields": fields}, headers=admin),
        anybody.patch(
            f"{PATH}/directory", json={"fields": {"timeout": "3"}}, headers=admin | {"If-Match": "*"}
        ),
    ]
    for url in (directory["fields"]["url"], "http://169.254.169.254/v2", "http://[::1]:1/"):
        for check in (True, False):
            new = {"name": "other", "provider": "scim", "fields": fields | {"url": url}, "check": check}
            attempts.append(anybody.post(PATH, json=new, headers=admin))
    for answer in attempts:
        assert answer.status_code == 422, answer.text
        assert [each["path"] for each in answer.json()["problems"]] == ["body.fields.url"]
        assert "OFFICEFLOW_CONNECTION_NETWORKS" in answer.json()["problems"][0]["suggestion"]
    assert set(kept.stored) == {"acme.directory"}


def test_a_tenant_names_no_file_of_this_machine(
    anybody: TestClient, admin: Header, platform_admin: Header, directory: dict[str, Any]
) -> None:
    """Whether it is there is nothing for them: both get the same answer."""
    answers = []
    for file in ("/etc/passwd", "/etc/not-there"):
        named = directory | {"fields": directory["fields"] | {"ca_file": file}}
        answers.append(anybody.post(PATH, json=named, headers=admin).json()["problems"])
        assert "cannot be read" in str(anybody.post(PATH, json=named, headers=platform_admin).json()) or (
            file == "/etc/passwd"
        )
    assert answers[0] == answers[1]
    assert [each["path"] for each in answers[0]] == ["body.fields.ca_file"]


def test_another_organizations_connection_is_neither_shown_nor_named(
    anybody: TestClient,
    admin: Header,
    directory: dict[str, Any],
    other: Organization,
    person: Callable[..., str],
) -> None:
    foreign = {"Authorization": f"Bearer {person(other, Role.ADMIN)}"}
    anybody.post(PATH, json=directory, headers=admin)
    globex = "/organizations/globex/connections"
    assert anybody.get(globex, headers=foreign).json()["items"] == []
    assert anybody.get(f"{globex}/directory", headers=foreign).status_code == 404
    shared = anybody.post(globex, json=directory, headers=foreign)
    assert shared.status_code == 422
    assert "acme" not in shared.json()["detail"]
