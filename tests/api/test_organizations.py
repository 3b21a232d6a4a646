"""Organizations and their settings over HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import ClassVar

import pytest
from starlette.testclient import TestClient

from officeflow.api.paths import PATH
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.rights.permissions import Role
from officeflow.settings import Settings
from officeflow.tenants import administration
from tests.api.audited import audited

pytestmark = pytest.mark.integration
Header = dict[str, str]
AsRole = Callable[[Role], Header]


@pytest.fixture
def api_settings(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Kafka is away."""
    monkeypatch.setattr(administration, "TOPICS_SECONDS", 0.2)
    return Settings.model_validate({"redis_url": valkey_url, "kafka_bootstrap": "127.0.0.1:1"})


def test_people_see_their_own_and_the_platforms_admins_all(
    anybody: TestClient, as_role: AsRole, other: Organization, platform_admin: Header
) -> None:
    own = anybody.get("/organizations", headers=as_role(Role.VIEWER)).json()
    assert [each["slug"] for each in own["items"]] == ["acme"]
    first = anybody.get("/organizations?limit=1", headers=platform_admin).json()
    second = anybody.get(
        "/organizations", params={"limit": 1, "cursor": first["next"]}, headers=platform_admin
    ).json()
    assert [each["slug"] for each in first["items"] + second["items"]] == ["acme", "globex"]
    assert second["next"] is None


def test_one_is_shown_by_slug_and_by_uuid_and_anothers_is_not_there(
    anybody: TestClient, as_role: AsRole, org: Organization, other: Organization
) -> None:
    viewer = as_role(Role.VIEWER)
    by_slug = anybody.get("/organizations/acme", headers=viewer).json()
    assert by_slug == anybody.get(f"/organizations/{org.org_id}", headers=viewer).json()
    assert (by_slug["name"], by_slug["domain"]) == ("Acme", "acme.example")
    assert anybody.get(f"/organizations/{other.org_id}", headers=viewer).status_code == 404


def test_the_platforms_admin_creates_one_also_while_kafka_is_away(
    anybody: TestClient, database: Database, platform_admin: Header
) -> None:
    slug = f"o{secrets.token_hex(4)}"
    new = {"slug": slug, "name": "New", "domain": f"{slug}.example"}
    made = anybody.post("/organizations", json=new, headers=platform_admin)
    assert (made.status_code, made.headers["location"]) == (201, f"{PATH}/organizations/{slug}")
    assert made.json()["topics"] == "missing"
    assert audited(database) == [("airflow:root", "organization.created", f"organization:{slug}")]
    again = anybody.post("/organizations", json=new, headers=platform_admin)
    assert (again.status_code, slug in again.json()["detail"]) == (422, True)


def test_all_that_is_wrong_with_a_new_one_is_in_the_body(anybody: TestClient, platform_admin: Header) -> None:
    wrong = {"slug": "No Slug", "name": "", "domain": "nowhere"}
    told = anybody.post("/organizations", json=wrong, headers=platform_admin).json()
    assert [each["path"] for each in told["problems"]] == ["body.slug", "body.name", "body.domain"]
    unknown = anybody.post("/organizations", json={"slugg": "x"}, headers=platform_admin).json()
    assert "body.slugg" in {each["path"] for each in unknown["problems"]}


class TestSettings:
    CHANGE: ClassVar = {"time_zone": "Europe/Madrid", "shown_fields": ["level"], "why": "they asked"}
    PATH = "/organizations/acme/settings"

    def test_they_are_changed_by_who_saw_what_they_are(
        self, anybody: TestClient, database: Database, as_role: AsRole
    ) -> None:
        admin = as_role(Role.ADMIN)
        before = anybody.get(self.PATH, headers=admin)
        assert before.json() == {"time_zone": "", "shown_fields": [], "empty_text_is_null": False}
        seen = admin | {"If-Match": before.headers["etag"], "X-Request-ID": "change-1"}
        after = anybody.patch(self.PATH, json=self.CHANGE, headers=seen)
        assert after.json() == {
            "time_zone": "Europe/Madrid",
            "shown_fields": ["level"],
            "empty_text_is_null": False,
        }
        assert anybody.get(self.PATH, headers=admin).headers["etag"] == after.headers["etag"]
        assert [action for _, action, _ in audited(database)] == [
            "organization.time_zone_settled",
            "organization.events_settled",
        ]
        assert audited(database, "correlation_id") == [("change-1",)] * 2

    def test_who_saw_an_older_state_changes_nothing(self, anybody: TestClient, as_role: AsRole) -> None:
        admin = as_role(Role.ADMIN)
        old = admin | {"If-Match": anybody.get(self.PATH, headers=admin).headers["etag"]}
        assert anybody.patch(self.PATH, json=self.CHANGE, headers=old).status_code == 200
        late = anybody.patch(self.PATH, json=self.CHANGE | {"time_zone": "Asia/Tokyo"}, headers=old)
        now = anybody.get(self.PATH, headers=admin)
        assert (late.status_code, late.headers["etag"]) == (412, now.headers["etag"])
        assert now.json()["time_zone"] == "Europe/Madrid"
        assert anybody.patch(self.PATH, json=self.CHANGE, headers=admin).status_code == 428

    @pytest.mark.parametrize(
        "wrong",
        [
            {"time_zone": "Europe/Madird"},
            {"shown_fields": ["salary"]},
            {"time_zone": "Asia/Tokyo", "shown_fields": ["birth_date"]},
            {"time_zone": "Asia/Tokyo", "why": " "},
        ],
    )
    def test_what_is_wrong_changes_nothing_at_all(
        self, anybody: TestClient, database: Database, as_role: AsRole, wrong: dict[str, object]
    ) -> None:
        admin = as_role(Role.ADMIN)
        before = anybody.get(self.PATH, headers=admin).json()
        answer = anybody.patch(self.PATH, json={"why": "because", **wrong}, headers=admin | {"If-Match": "*"})
        assert answer.status_code == 422
        assert anybody.get(self.PATH, headers=admin).json() == before
        assert audited(database) == []

    def test_fields_that_are_left_out_of_the_list_are_hidden_again(
        self, anybody: TestClient, as_role: AsRole
    ) -> None:
        headers = as_role(Role.ADMIN) | {"If-Match": "*"}
        anybody.patch(self.PATH, json={"shown_fields": ["level", "team"], "why": "x"}, headers=headers)
        told = anybody.patch(self.PATH, json={"shown_fields": ["team"], "why": "x"}, headers=headers).json()
        assert told["shown_fields"] == ["team"]

    def test_an_editor_may_not(self, anybody: TestClient, as_role: AsRole) -> None:
        headers = as_role(Role.EDITOR) | {"If-Match": "*"}
        answer = anybody.patch(self.PATH, json=self.CHANGE, headers=headers)
        assert (answer.status_code, answer.json()["permission"]) == (403, "organization.settle")
