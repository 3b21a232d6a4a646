"""Workflows, drafts and what a second admin releases, by the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from officeflow.api.context import Context
from officeflow.database.engine import Database
from officeflow.database.tables import ApiToken, AuditRecord, Employee, Inquiry, Organization
from officeflow.rights.permissions import Role
from officeflow.settings import Settings
from tests.api.conftest import Airflow
from tests.workflows.conftest import SmallAirflow, definition, takes_all

pytestmark = pytest.mark.integration
Header = dict[str, str]
ANY = {"If-Match": "*"}


@pytest.fixture
def small(database: Database) -> Iterator[SmallAirflow]:
    server = SmallAirflow(database)
    yield server
    server.stop()


@pytest.fixture
def context(api_settings: Settings, airflow: Airflow, database: Database, small: SmallAirflow) -> Context:
    settings = api_settings.model_copy(update={"airflow_url": small.url, "airflow_username": "officeflow"})
    return Context(settings, airflow, given_database=database, check=takes_all)


class Api:
    """Requests about `acme`, as somebody with a role."""

    def __init__(self, client: TestClient, as_role: Callable[[Role], Header]) -> None:
        self.client, self.as_role = client, as_role
        self.people: dict[Any, Header] = {}

    def __call__(
        self,
        method: str,
        path: str,
        by: Role | str = Role.EDITOR,
        *,
        headers: Header | None = None,
        **more: Any,
    ) -> Any:
        if by not in self.people:
            self.people[by] = self.as_role(by if isinstance(by, Role) else Role.ADMIN)
        known = {**self.people[by], **(headers or {})}
        return self.client.request(method, f"/organizations/acme{path}", headers=known, **more)

    def publish(self, by: Role | str = Role.EDITOR, **fields: Any) -> Any:
        return self("POST", "/workflows", by, json={"definition": definition(**fields)})


@pytest.fixture
def api(anybody: TestClient, as_role: Callable[[Role], Header]) -> Api:
    return Api(anybody, as_role)


def actions(database: Database) -> list[str]:
    with database.service() as session:
        return list(session.scalars(select(AuditRecord.action).order_by(AuditRecord.position)))


class TestWorkflows:
    def test_published_listed_shown_and_compared(self, api: Api) -> None:
        first = api.publish()
        assert (first.status_code, first.json()["version"], first.json()["release"]) == (200, 1, None)
        api.publish(name="Joiner, mended")
        (line,) = api("GET", "/workflows?active=true&kind=employee.onboard&text=MEND").json()["items"]
        assert (line["slug"], line["version"], line["trigger"]) == ("joiner", 2, ["employee.onboard"])
        assert api("GET", "/workflows?kind=employee.exit").json()["items"] == []
        whole = api("GET", "/workflows/joiner", Role.VIEWER)
        assert whole.json()["definition"]["name"] == "Joiner, mended"
        assert whole.headers["etag"]
        assert [each["version"] for each in api("GET", "/workflows/joiner/versions").json()["items"]] == [
            2,
            1,
        ]
        assert api("GET", "/workflows/joiner/versions/1").json()["definition"]["name"] == "Joiner"
        assert api("GET", "/workflows/joiner/diff").json() == [
            {"kind": "changed", "path": "name", "before": "Joiner", "after": "Joiner, mended"}
        ]

    def test_what_is_not_there_or_not_allowed(self, api: Api, other: Organization) -> None:
        assert api("GET", "/workflows/joiner").status_code == 404
        assert api("GET", "/workflows/joiner/versions/7").status_code == 404
        assert api.publish(Role.OPERATOR).status_code == 403
        elsewhere = api.client.get("/organizations/globex/workflows", headers=api.people[Role.OPERATOR])
        assert elsewhere.status_code == 404

    def test_everything_that_is_wrong_is_told(self, api: Api) -> None:
        wrong = {**definition(), "name": "", "nodes": [{"id": "x", "type": "no.such"}]}
        told = api("POST", "/workflows/validate", json={"definition": wrong}).json()
        assert not told["valid"]
        assert {"name", "nodes[0].type"} <= {each["path"] for each in told["problems"]}
        refused = api("POST", "/workflows", json={"definition": wrong})
        assert (refused.status_code, len(refused.json()["problems"])) == (422, len(told["problems"]))
        assert api("POST", "/workflows/validate", json={"definition": definition()}).json()["valid"]
        assert api("POST", "/workflows/validate", json={"definition": [1]}).json()["valid"] is False

    def test_it_is_accepted_where_airflow_has_not_read_it(self, api: Api, small: SmallAirflow) -> None:
        small.reads_alone = False
        answer = api.publish()
        assert (answer.status_code, answer.json()["ready"], answer.json()["version"]) == (202, False, 1)

    def test_a_base_that_is_not_the_newest(self, api: Api) -> None:
        asked = {"definition": definition(), "base_version": 3}
        assert api("POST", "/workflows", json=asked).status_code == 412
        asked["base_version"] = 0
        assert api("POST", "/workflows", json=asked).status_code == 200

    def test_deactivated(self, api: Api) -> None:
        api.publish()
        etag = {"If-Match": api("GET", "/workflows/joiner").headers["etag"]}
        assert api("POST", "/workflows/joiner/deactivate").status_code == 428
        assert api("POST", "/workflows/joiner/deactivate", headers=etag).json()["changed"]
        assert api("POST", "/workflows/joiner/deactivate", headers=etag).status_code == 412
        assert api("GET", "/workflows?active=true").json()["items"] == []


class TestDrafts:
    def test_saved_while_somebody_types(self, api: Api) -> None:
        made = api("POST", "/drafts", json={"content": ["anything"]})
        assert (made.status_code, made.json()["title"], made.headers["etag"]) == (201, "Untitled", '"1"')
        path = "/drafts/" + made.json()["draft_id"]
        assert made.headers["location"].endswith(path)
        content = {"content": definition()}
        assert api("PUT", path, json=content).status_code == 428
        saved = api("PUT", path, json=content, headers={"If-Match": '"1"'})
        assert (saved.headers["etag"], saved.json()["title"], saved.json()["slug"]) == (
            '"2"',
            "Joiner",
            "joiner",
        )
        late = api("PUT", path, json={"content": None}, headers={"If-Match": '"1"'})
        assert (late.status_code, late.headers["etag"]) == (412, '"2"')
        assert api("GET", path).json()["content"] == definition()
        assert [each["revision"] for each in api("GET", "/drafts?slug=joiner").json()["items"]] == [2]
        assert api("DELETE", path, headers=ANY).status_code == 204
        assert api("GET", path).status_code == 404

    def test_what_may_not_be_kept(self, api: Api) -> None:
        assert api("POST", "/drafts", json={"content": 1, "title": "x" * 256}).status_code == 422
        assert api("POST", "/drafts", Role.VIEWER, json={"content": 1}).status_code == 403

    def test_published_from_the_version_that_it_was_begun_with(self, api: Api) -> None:
        api.publish()
        content = {"content": definition(name="Mine")}
        path = "/drafts/" + api("POST", "/drafts", json=content).json()["draft_id"]
        assert api("POST", f"{path}/validate").json() == {"valid": True, "problems": [], "notes": []}
        api.publish(name="Theirs")
        assert api("POST", f"{path}/publish", json={}).status_code == 428
        assert api("POST", f"{path}/publish", json={}, headers=ANY).status_code == 412
        done = api("POST", f"{path}/publish?force=true", json={}, headers=ANY)
        assert (done.status_code, done.json()["version"]) == (200, 3)
        assert api("GET", path).json()["base_version"] == 3


class TestReleases:
    @pytest.fixture
    def waiting(self, api: Api) -> str:
        """The path of a release: `ana`, an admin, wants to publish to a protected workflow."""
        api.publish()
        assert api("POST", "/workflows/joiner/protect", "ana", json={"why": "payroll"}).json()["changed"]
        answer = api.publish("ana", name="Changed")
        assert (answer.status_code, answer.json()["version"], answer.json()["changed"]) == (202, 1, False)
        return f"/releases/{answer.json()['release']}"

    def test_nothing_is_published_before_another_admin_approves(
        self, api: Api, waiting: str, database: Database
    ) -> None:
        assert api("GET", "/workflows/joiner").json()["version"] == 1
        shown = api("GET", waiting, "bo")
        (changes,) = shown.json()["changes"]
        assert [each["path"] for each in changes["changes"]] == ["name"]
        own = api("POST", f"{waiting}/approve", "ana", json={}, headers=ANY)
        assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
        assert api("POST", f"{waiting}/approve", json={}, headers=ANY).status_code == 403
        assert api("POST", f"{waiting}/approve", "bo", json={}).status_code == 428
        seen = {"If-Match": shown.headers["etag"]}
        done = api("POST", f"{waiting}/approve", "bo", json={}, headers=seen)
        assert (done.status_code, done.json()["state"]) == (200, "APPROVED")
        published = api("GET", "/workflows/joiner/versions/2").json()
        assert published["by"] == done.json()["requested_by"] != done.json()["decided_by"]
        assert actions(database)[-2:] == ["release.approved", "workflow.published"]
        again = api("POST", f"{waiting}/approve", "bo", json={}, headers=ANY)
        assert (again.status_code, again.json()["code"]) == (409, "not_pending")

    def test_refused(self, api: Api, waiting: str) -> None:
        assert api("POST", f"{waiting}/refuse", "bo", json={"why": " "}, headers=ANY).status_code == 422
        done = api("POST", f"{waiting}/refuse", "bo", json={"why": "not in December"}, headers=ANY)
        assert (done.json()["state"], done.json()["decision"]) == ("REFUSED", "not in December")
        assert api("GET", "/workflows/joiner").json()["version"] == 1

    def test_overridden_by_one_person_with_a_reason(self, api: Api, waiting: str, database: Database) -> None:
        assert api("POST", f"{waiting}/override", "ana", json={}, headers=ANY).status_code == 422
        done = api("POST", f"{waiting}/override", "ana", json={"why": "payroll stands"}, headers=ANY)
        assert done.json()["state"] == "OVERRIDDEN"
        assert api("GET", "/workflows/joiner").json()["version"] == 2
        assert "release.overridden" in actions(database)

    def test_asked_for_anew_the_earlier_one_is_replaced(self, api: Api, waiting: str) -> None:
        anew = api.publish("bo", name="Changed once more").json()["release"]
        assert api("GET", waiting, "bo").json()["state"] == "REPLACED"
        pending = api("GET", "/releases?state=PENDING", "bo").json()["items"]
        assert [each["release_id"] for each in pending] == [anew]

    def test_no_approval_of_what_was_asked_for_on_another_version(self, api: Api, waiting: str) -> None:
        asked = api("POST", "/workflows/joiner/unprotect", "ana", json={"why": "calm"}).json()["release"]
        api("POST", f"/releases/{asked}/approve", "bo", json={}, headers=ANY)
        assert api.publish(name="In between").json()["version"] == 2
        assert api("POST", f"{waiting}/approve", "bo", json={}, headers=ANY).status_code == 412
        assert api("GET", waiting, "bo").json()["state"] == "PENDING"

    def test_two_take_the_protection_off(self, api: Api, waiting: str) -> None:
        asked = api("POST", "/workflows/joiner/unprotect", "ana", json={"why": "calm"})
        assert asked.status_code == 202
        path = "/releases/" + asked.json()["release"]
        assert api("GET", "/workflows/joiner").json()["protected"]
        assert api("POST", f"{path}/approve", "ana", json={}, headers=ANY).status_code == 403
        assert api("POST", f"{path}/approve", "bo", json={}, headers=ANY).status_code == 200
        assert not api("GET", "/workflows/joiner").json()["protected"]
        assert api.publish(name="Free").status_code == 200

    def test_a_program_is_no_second_person_and_hides_none(
        self, api: Api, program: Callable[..., str], waiting: str, database: Database
    ) -> None:
        token = {"Authorization": f"Bearer {program(Role.ADMIN)}"}
        url = f"/organizations/acme{waiting}/approve"
        refused = api.client.post(url, json={}, headers=token | ANY)
        assert (refused.status_code, refused.json()["code"]) == (403, "second_person_needed")
        login = api.client.get("/me", headers=api.people["ana"]).json()["login"]
        with database.service() as session:
            session.scalars(select(ApiToken)).one().created_by = f"airflow:{login}"
        wanted = {"definition": definition(name="By a program")}
        made = api.client.post("/organizations/acme/workflows", json=wanted, headers=token).json()
        own = api("POST", f"/releases/{made['release']}/approve", "ana", json={}, headers=ANY)
        assert own.json()["code"] == "second_person_needed"

    def test_limits_are_made_stricter_by_one_and_looser_by_two(self, api: Api) -> None:
        path = "/releases/limits"
        strict = {"limits": {"employee.exit": {"per_hour": 5}}, "why": "small"}
        assert api("PATCH", path, "ana", json=strict, headers=ANY).status_code == 200
        loose = {"limits": {"employee.exit": {"per_hour": 50}}, "why": "we grow"}
        asked = api("PATCH", path, "ana", json=loose, headers=ANY)
        assert (asked.status_code, asked.json()["limits"]["employee.exit"]["per_hour"]) == (202, 5)
        release = f"/releases/{asked.json()['release']}"
        assert api("GET", release, "bo").json()["limits"]["employee.exit"]["per_hour"] == 50
        assert api("POST", f"{release}/approve", "bo", json={}, headers=ANY).status_code == 200
        assert api("GET", path).json()["limits"]["employee.exit"] == {"per_hour": 50, "share": None}
        wrong = {"limits": {"employee.exi": {}}, "why": "typing"}
        assert api("PATCH", path, "ana", json=wrong, headers=ANY).status_code == 422
        assert api("PATCH", path, json=strict, headers=ANY).status_code == 403

    def test_the_part_of_a_limit_that_is_not_named_stays_and_null_takes_it_away(self, api: Api) -> None:
        def settle(**named: Any) -> Any:
            wanted = {"limits": {"employee.exit": named}, "why": "small"}
            return api("PATCH", "/releases/limits", "ana", json=wanted, headers=ANY)

        assert settle(per_hour=5, share=0.1).status_code == 200
        settled = settle(per_hour=4)
        assert settled.json()["limits"]["employee.exit"] == {"per_hour": 4, "share": 0.1}
        assert settled.status_code == 200
        asked = settle(share=None)
        release = api("GET", f"/releases/{asked.json()['release']}").json()
        assert (asked.status_code, release["limits"]["employee.exit"]) == (
            202,
            {"per_hour": 4, "share": None},
        )


class TestPlans:
    def event(self, **payload: Any) -> dict[str, Any]:
        return {
            "type": "employee.onboard",
            "organizationId": "acme",
            "employeeId": "E1",
            "timestamp": "2026-01-05T09:00:00Z",
            "payload": payload,
        }

    def test_what_a_run_would_do(self, api: Api, database: Database) -> None:
        api.publish()
        told = api(
            "POST", "/workflows/plan", json={"slug": "joiner", "event": self.event(title="Clerk")}
        ).json()
        assert told["starts"] is True
        assert {each["key"]: each["verdict"] for each in told["nodes"]} == {
            "find": "RUNS",
            "suspend": "UNKNOWN",
            "record": "UNKNOWN",
        }
        assert told["nodes"][0]["params"]["external_id"] == "E1"
        with database.service() as session:
            assert not session.scalars(select(Employee)).all()

    def test_systems_are_looked_into_for_who_may_read_employees(self, api: Api, database: Database) -> None:
        api.publish()
        look = {"slug": "joiner", "event": self.event(title="Clerk"), "look": True}
        refused = api("POST", "/workflows/plan", json=look)
        assert (refused.status_code, "employee.read" in refused.text) == (403, True)
        away = api("POST", "/workflows/plan", "boss", json=look)
        assert (away.status_code, "has no DAG officeflow_inquiries" in away.text) == (503, True)
        with database.service() as session:
            assert session.scalars(select(Inquiry)).all() == [], "nobody waits for it any more"

    def test_who_may_and_what_is_refused(self, api: Api) -> None:
        api.publish()
        asked = {"slug": "joiner", "employee": "E1"}
        assert api("POST", "/workflows/plan", json=asked).status_code == 403
        assert api("POST", "/workflows/plan", "ana", json=asked).status_code == 404
        assert api("POST", "/workflows/plan", json={"slug": "joiner"}).status_code == 422
        bad = {"slug": "joiner", "event": self.event(start_date="tomorrow")}
        assert api("POST", "/workflows/plan", json=bad).status_code == 422
        wrong = {"definition": {"slug": "x"}, "event": self.event()}
        assert api("POST", "/workflows/plan", json=wrong).json()["code"] == "invalid_definition"
