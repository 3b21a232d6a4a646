"""What every route does alike."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable
from typing import Annotated, Any, get_args

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.testclient import TestClient

from officeflow.api import kept_answers
from officeflow.api.kept_answers import LEASE, Begun, Kept, Place
from officeflow.api.routes import ROUTERS
from officeflow.database.engine import Database
from officeflow.errors.requests import KeyInUse
from officeflow.rights.permissions import Role
from officeflow.settings import Settings
from tests.api import probe
from tests.nodes.world import TestClock

pytestmark = pytest.mark.integration
Header = dict[str, str]


def test_all_that_is_wrong_is_told_at_once(anybody: TestClient, platform_admin: Header) -> None:
    answer = anybody.post("/probe", json={"name": "x" * 11, "number": "many"}, headers=platform_admin)
    assert answer.status_code == 422
    assert [each["path"] for each in answer.json()["problems"]] == ["body.name", "body.number"]


def test_a_parameter_that_it_does_not_know_is_refused(anybody: TestClient, platform_admin: Header) -> None:
    answer = anybody.post("/probe?dri=1", json={}, headers=platform_admin)
    assert answer.json()["problems"] == [
        {"path": "query.dri", "reason": "there is no such parameter", "suggestion": "did you mean dry?"}
    ]


def test_all_that_is_wrong_with_parameters_is_told_at_once(
    anybody: TestClient, platform_admin: Header
) -> None:
    answer = anybody.get("/organizations?limit=1&limit=2&cursor=%00&bogus=1", headers=platform_admin)
    assert answer.status_code == 422
    told = {each["path"]: each["reason"] for each in answer.json()["problems"]}
    assert told == {
        "query.bogus": "there is no such parameter",
        "query.limit": "it is given twice",
        "query.cursor": "it has the character NUL in it",
    }


def test_a_parameter_that_is_given_twice_is_refused_but_where_several_are_taken(
    anybody: TestClient, platform_admin: Header, as_role: Callable[[Role], Header]
) -> None:
    answer = anybody.get("/organizations?limit=1&cursor=&limit=2", headers=platform_admin)
    assert (answer.status_code, answer.json()["problems"]) == (
        422,
        [{"path": "query.limit", "reason": "it is given twice", "suggestion": ""}],
    )
    several = anybody.get(
        "/organizations/acme/acts?status=FAILED&status=STARTED", headers=as_role(Role.OPERATOR)
    )
    assert several.status_code == 200


@pytest.mark.parametrize("number", [True, "1", 1.5])
def test_what_is_no_number_counts_as_none(
    anybody: TestClient, platform_admin: Header, number: object
) -> None:
    answer = anybody.post("/probe", json={"number": number}, headers=platform_admin)
    assert [each["path"] for each in answer.json()["problems"]] == ["body.number"]


def test_no_number_of_any_body_takes_true() -> None:
    bodies: set[type[BaseModel]] = set()
    for route in (each for router in ROUTERS for each in router.routes):
        if isinstance(route, APIRoute) and route.body_field is not None:
            _add_models(route.body_field.field_info.annotation, bodies)
    assert len(bodies) > 20
    takes = [
        f"{body.__name__}.{name}" for body in bodies for name in body.model_fields if _takes_true(body, name)
    ]
    assert takes == []


def _add_models(kind: Any, found: set[type[BaseModel]]) -> None:
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in found:
        found.add(kind)
        for field in kind.model_fields.values():
            _add_models(field.annotation, found)
    for part in get_args(kind):
        _add_models(part, found)


def _takes_true(body: type[BaseModel], name: str) -> bool:
    field = body.model_fields[name]
    kind: Any = Annotated[field.annotation, field]
    try:
        value = TypeAdapter[Any](kind).validate_python(True)
    except ValidationError:
        return False
    return type(value) in (int, float)


@pytest.mark.parametrize(("content", "said"), [(b"", "there is none"), (b"null", "it is null")])
def test_a_body_that_is_missing(
    anybody: TestClient, platform_admin: Header, content: bytes, said: str
) -> None:
    headers = platform_admin | {"Content-Type": "application/json"}
    answer = anybody.post("/probe", content=content, headers=headers)
    assert answer.json()["problems"] == [{"path": "body", "reason": said, "suggestion": ""}]


def test_the_character_nul_is_refused_in_the_address_too(anybody: TestClient, platform_admin: Header) -> None:
    answer = anybody.post("/probe?dry=%00", json={}, headers=platform_admin)
    assert answer.json()["problems"][0]["path"] == "query.dry"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not JSON"),
        (b'{"name": "a", "name": "b"}', "a name twice"),
        (b"[" * 40 + b"]" * 40, "levels deep"),
        (b'{"name": "\\u0000"}', "NUL"),
    ],
)
def test_what_cannot_be_read(anybody: TestClient, platform_admin: Header, body: bytes, said: str) -> None:
    headers = platform_admin | {"Content-Type": "application/json"}
    answer = anybody.post("/probe", content=body, headers=headers)
    assert answer.status_code == 400
    assert said in answer.json()["problems"][0]["reason"]


def test_a_character_that_cannot_be_stored_is_refused_in_an_address(
    anybody: TestClient, platform_admin: Header
) -> None:
    answer = anybody.get("/organizations/a%00b/runs?employee=%00", headers=platform_admin)
    assert (answer.status_code, [each["path"] for each in answer.json()["problems"]]) == (
        422,
        ["path.org", "query.employee"],
    )


def test_other_content_than_json(anybody: TestClient, platform_admin: Header) -> None:
    assert anybody.post("/probe", data={"name": "a"}, headers=platform_admin).status_code == 415


def test_a_body_that_is_too_large(
    anybody: TestClient, platform_admin: Header, api_settings: Settings
) -> None:
    body = b'"' + b"x" * (api_settings.api_body_kib * 1024) + b'"'
    headers = platform_admin | {"Content-Type": "application/json"}
    assert anybody.post("/probe", content=body, headers=headers).status_code == 413
    assert anybody.post("/probe", content=iter([body]), headers=headers).status_code == 413


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
def test_what_is_packed_is_not_unpacked(anybody: TestClient, platform_admin: Header, coding: str) -> None:
    headers = platform_admin | {"Content-Type": "application/json", "Content-Encoding": coding}
    answer = anybody.post("/probe", content=gzip.compress(bytes(50_000_000)), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (415, "application/problem+json")
    assert "Content-Encoding" in answer.json()["detail"]


def test_a_strangers_body_is_not_read(anybody: TestClient) -> None:
    answer = anybody.post("/probe?strange=1", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 401


def test_an_unknown_path_is_a_problem_document(anybody: TestClient) -> None:
    answer = anybody.get("/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_known")
    assert anybody.delete("/me").status_code == 405


def test_the_callers_request_id_comes_back(anybody: TestClient, platform_admin: Header) -> None:
    answer = anybody.post("/probe", json={}, headers=platform_admin | {"X-Request-ID": "hr-4711"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "hr-4711"


def test_what_is_left_of_the_limit(anybody: TestClient, platform_admin: Header) -> None:
    first, second = (anybody.get("/me", headers=platform_admin).headers["ratelimit"] for _ in range(2))
    assert first != second
    assert anybody.get("/me", headers=platform_admin).headers["ratelimit-policy"] == '"default";q=1200;w=60'


class TestIdempotencyKey:
    def test_the_same_request_is_answered_alike_and_not_done_again(
        self, anybody: TestClient, platform_admin: Header
    ) -> None:
        headers = platform_admin | {"Idempotency-Key": "k1"}
        before = len(probe.done)
        first = anybody.post("/probe", json={"number": 1}, headers=headers)
        second = anybody.post("/probe", json={"number": 1}, headers=headers)
        assert second.json() == first.json()
        assert second.headers["idempotency-replayed"] == "true"
        assert len(probe.done) == before + 1

    def test_another_body_is_refused(self, anybody: TestClient, platform_admin: Header) -> None:
        headers = platform_admin | {"Idempotency-Key": "k1"}
        anybody.post("/probe", json={"number": 1}, headers=headers)
        answer = anybody.post("/probe", json={"number": 2}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")

    def test_another_caller_has_keys_of_their_own(
        self, anybody: TestClient, platform_admin: Header, program: object
    ) -> None:
        assert callable(program)
        headers = {"Idempotency-Key": "k1"}
        first = anybody.post("/probe", json={}, headers=headers | platform_admin)
        other = anybody.post("/probe", json={}, headers=headers | {"Authorization": f"Bearer {program()}"})
        assert first.json()["number"] != other.json()["number"]

    def test_what_was_not_done_may_be_tried_again(self, anybody: TestClient, platform_admin: Header) -> None:
        headers = platform_admin | {"Idempotency-Key": "k1"}
        away = anybody.post("/probe", json={"name": "away"}, headers=headers)
        assert (away.status_code, away.headers["retry-after"]) == (503, "5")
        assert anybody.post("/probe", json={"name": "there"}, headers=headers).status_code == 200

    def test_what_failed_unexpectedly_may_be_tried_again(
        self, anybody: TestClient, platform_admin: Header
    ) -> None:
        headers = platform_admin | {"Idempotency-Key": "k1"}
        for _ in range(2):
            assert anybody.post("/probe", json={"name": "broken"}, headers=headers).status_code == 500
        assert anybody.post("/probe", json={"name": "mended"}, headers=headers).status_code == 200

    def test_a_key_whose_process_died_is_free_after_its_lease(self, database: Database) -> None:
        place, clock = Place("user:somebody", "k1"), TestClock()
        first = kept_answers.begin(database, clock, place, "content")
        assert isinstance(first, Begun)
        clock.moment += LEASE
        with pytest.raises(KeyInUse):
            kept_answers.begin(database, clock, place, "content")
        clock.moment += dt.timedelta(seconds=1)
        second = kept_answers.begin(database, clock, place, "content")
        assert isinstance(second, Begun)
        kept_answers.keep(database, first, Kept(200, {}, b"late"))
        kept_answers.forget(database, first)  # it was not dead, but slow: the key is not its own any more
        kept_answers.keep(database, second, Kept(200, {}, b"done"))
        clock.moment += 2 * LEASE
        assert kept_answers.begin(database, clock, place, "content") == Kept(200, {}, b"done")

    def test_two_keys_are_none(self, anybody: TestClient, platform_admin: Header) -> None:
        headers = [*platform_admin.items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
        answer = anybody.post("/probe", json={}, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["problems"] == [
            {"path": "header.Idempotency-Key", "reason": "it is given twice", "suggestion": "send one"}
        ]


def test_everything_is_admitted_while_redis_is_away(anybody: TestClient, context: object) -> None:
    from officeflow.api.limiting import Limiter

    vars(context)["limiter"] = Limiter("redis://127.0.0.1:1/0", "1 per 1 minute")
    told = anybody.get("/health")
    assert (told.status_code, told.json()["status"], told.json()["limits"]) == (200, "degraded", "away")
