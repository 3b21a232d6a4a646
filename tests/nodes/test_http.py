"""Any HTTP API, beyond the contract: what is sent, what is kept, and what a crash means for each method."""

from __future__ import annotations

import json
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.nodes.http.request import Request
from officeflow.sdk import Effect, NodeResult
from tests.connectors.http_faults import Fault, FaultProxy
from tests.nodes.test_contract import Killed
from tests.nodes.world import World


def request(
    world: World, url: str = "/things", node: str = "it", try_number: int = 1, **params: Any
) -> NodeResult:
    return world.run(
        "http.request", {"url": url, **params}, connection="http", node=node, try_number=try_number
    )


@pytest.mark.integration
class TestWhatIsSentAndKept:
    def test_values_go_into_path_query_and_body_each_in_its_way(self, world: World) -> None:
        result = request(
            world,
            "/things/{{ event.payload.start_date | urlencode }}%20x",
            method="PUT",
            query={"who": "${{ event.employee }}", "n": 3, "flag": True, "all": ["a", "b"]},
            headers={"X-Team": "People"},
            body={"name": "${{ event.payload.first_name }}", "n": "${{ 1 + 1 }}"},
        )
        assert result.status == "success", result.error
        [sent] = world.api.seen
        assert sent["path"] == "/things/2026-12-01%20x?who=1001&n=3&flag=true&all=a&all=b"
        assert (sent["headers"]["x-team"], sent["headers"]["content-type"]) == ("People", "application/json")
        assert sent["headers"]["idempotency-key"] == result.key
        assert json.loads(sent["body"]) == {"name": "Ana", "n": 2}

    def test_a_value_cannot_reach_another_resource(self, world: World) -> None:
        assert request(world, "/things/{{ '014/suspend' | urlencode }}").status == "success"
        assert [sent["path"] for sent in world.api.seen] == ["/things/014%2Fsuspend"]
        for value in ("014/suspend", "..", "?all=1", "#", "%2e%2e", ""):
            refused = request(world, "/things/{% set id = " + repr(value) + " %}{{ id }}", node="other")
            assert (refused.status, refused.error and refused.error.code) == ("failed", "invalid_parameters")
        assert len(world.api.seen) == 1

    def test_a_number_beyond_64_bits_arrives_digit_by_digit(self, world: World) -> None:
        number = "12345678901234567890"
        assert request(world, f"/things/{{{{ {number} }}}}").status == "success"
        assert [sent["path"] for sent in world.api.seen] == [f"/things/{number}"]

    def test_an_answer_is_for_later_nodes(self, world: World) -> None:
        made = request(world, method="POST", body=["x"], node="make")
        assert made.output["body"] == {"id": 0, "thing": ["x"]}
        assert made.output["headers"] == {"content-type": "application/json", "location": "/things/0"}
        again = request(
            world,
            "${{ nodes.make.output.headers['location'] }}",
            node="look",
            query={"id": "${{ nodes.make.output.body.id }}"},
        )
        assert (again.output["status"], again.output["changed"]) == (200, False)
        assert again.output["body"]["asked"] == {"id": "0"}

    def test_text_is_sent_as_it_is(self, world: World) -> None:
        request(
            world,
            "/status/200",
            method="POST",
            body="größer",
            send_as="text",
            headers={"content-type": "text/markdown"},
        )
        assert (world.api.seen[0]["body"].decode(), world.api.seen[0]["headers"]["content-type"]) == (
            "größer",
            "text/markdown",
        )

    @pytest.mark.parametrize(
        ("url", "params", "body"),
        [
            ("/odd/problem", {}, {"title": "a title"}),
            ("/odd/latin", {}, "größer"),
            ("/odd/bytes", {}, None),
            ("/odd/empty", {}, None),
            ("/odd/broken", {"response": "text"}, '{"a": '),
            ("/odd/broken", {"response": "none"}, None),
            ("/things", {"method": "HEAD"}, None),
        ],
    )
    def test_a_body_is_read_by_its_kind(
        self, world: World, url: str, params: dict[str, Any], body: Any
    ) -> None:
        result = request(world, url, **params)
        assert result.status == "success", result.error
        assert result.output["body"] == body

    @pytest.mark.parametrize(
        ("url", "params"), [("/odd/broken", {}), ("/odd/nan", {}), ("/odd/bytes", {"response": "json"})]
    )
    def test_a_body_that_is_not_what_it_says_is_an_error(
        self, world: World, url: str, params: dict[str, Any]
    ) -> None:
        result = request(world, url, **params)
        assert result.error is not None
        assert (result.status, result.error.code) == ("failed", "rejected")

    def test_what_is_expected_is_a_success_and_anything_else_its_error(self, world: World) -> None:
        assert request(world, "/status/404", expect=[200, 404], node="a").output["status"] == 404
        found = {
            status: request(world, f"/status/{status}", node=f"n{status}")
            for status in (404, 409, 418, 429, 500)
        }
        assert {status: result.error and result.error.code for status, result in found.items()} == {
            404: "not_found",
            409: "conflict",
            418: "rejected",
            429: "rate_limited",
            500: "transient",
        }
        assert found[404].error is not None
        assert "as you wished" in found[404].error.message

    def test_an_address_that_may_not_be_called_fails_at_once(self, world: World) -> None:
        result = request(world, "http://169.254.169.254/latest/meta-data")
        assert (result.status, result.error and result.error.code) == ("failed", "rejected")
        assert world.api.seen == []

    def test_the_story_has_no_query(self, world: World) -> None:
        result = request(world, query={"token": "geheim-1"})
        assert "geheim-1" not in f"{world.log.lines} {result.story}"
        assert result.story[0]["text"] == f"GET {world.api.url}/things: 200"


@pytest.mark.integration
class TestAfterACrash:
    def crash(self, world: World, monkeypatch: pytest.MonkeyPatch, **params: Any) -> NodeResult:
        """What the second attempt says, after the first was killed between act and record."""
        with monkeypatch.context() as patch:
            patch.setattr(Request, "audit", _killed)
            with pytest.raises(Killed):
                request(world, **params)
        return request(world, **params)

    @pytest.mark.parametrize("method", ["GET", "PUT"])
    def test_what_changes_nothing_the_second_time_is_sent_again(
        self, world: World, monkeypatch: pytest.MonkeyPatch, method: str
    ) -> None:
        result = self.crash(
            world, monkeypatch, method=method, url="/things/x", **({"body": 1} if method == "PUT" else {})
        )
        assert result.status == "success"
        assert len(world.api.of(method)) == 2

    def test_what_is_gone_by_then_was_deleted(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        world.api.things["x"] = 1
        result = self.crash(world, monkeypatch, method="DELETE", url="/things/x")
        assert (result.status, result.output["status"]) == ("success", 404)
        assert request(world, "/things/x", method="DELETE", node="another").error is not None, (
            "without a crash it is not found"
        )

    def test_a_system_that_honours_keys_is_asked_again_under_the_same(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.changes = {"extra": {"networks": "127.0.0.1", "idempotency_key": "yes"}}
        result = self.crash(world, monkeypatch, method="POST", body={"a": 1})
        assert result.status == "success"
        assert len(world.api.of("POST")) == 2
        assert world.api.things == {result.key: {"a": 1}}

    @pytest.mark.parametrize("method", ["POST", "PATCH"])
    def test_of_any_other_a_person_is_asked(
        self, world: World, monkeypatch: pytest.MonkeyPatch, method: str
    ) -> None:
        result = self.crash(world, monkeypatch, method=method, body={"a": 1})
        assert (result.status, result.error and result.error.code) == ("failed", "outcome_unknown")
        assert len(world.api.of(method)) == 1

    def test_a_server_error_after_a_change_is_asked_too_and_after_reading_it_is_tried_again(
        self, world: World
    ) -> None:
        asked = request(world, "/status/500", method="POST", node="a")
        assert asked.error is not None
        assert asked.error.code == "outcome_unknown"
        assert request(world, "/status/500", node="b").status == "retry"


@pytest.mark.integration
class TestBehindAGateway:
    """The server takes the order, and then a gateway answers in its place."""

    def order(
        self, world: World, status: int, tries: int, method: str = "POST", **extra: str
    ) -> list[NodeResult]:
        """What each try says."""
        with FaultProxy(world.api.url).running() as proxy:
            world.changes = {"host": proxy.url, "extra": {"networks": "127.0.0.1", **extra}}
            wait = {"Retry-After": "7"} if status in {429, 503} else {}
            proxy.fault(Fault(kind="act_then_answer", methods=(method,), status=status, headers=wait))
            return [
                request(world, method=method, body={"a": 1}, try_number=number)
                for number in range(1, tries + 1)
            ]

    @pytest.mark.parametrize("method", ["POST", "PATCH"])
    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
    def test_an_order_that_was_taken_is_asked_about_and_never_made_twice(
        self, world: World, status: int, method: str
    ) -> None:
        first, cleared = self.order(world, status, 2, method)
        for result in (first, cleared):
            assert result.error is not None
            assert (result.status, result.error.code) == ("failed", "outcome_unknown")
        assert len(world.api.of(method)) == 1

    @pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504])
    def test_under_a_key_it_is_made_again_under_the_same_and_there_is_one(
        self, world: World, status: int
    ) -> None:
        first, second = self.order(world, status, 2, idempotency_key="yes")
        assert (first.status, first.retry_in) == ("retry", 7.0 if status in {429, 503} else 0.5)
        assert second.status == "success"
        assert world.api.things == {second.key: {"a": 1}}

    @pytest.mark.parametrize("status", [429, 503])
    def test_what_this_api_promises_is_tried_again(self, world: World, status: int) -> None:
        first, second = self.order(world, status, 2, not_done_statuses="429 503")
        assert (first.status, first.retry_in) == ("retry", 7.0)
        assert second.status == "success"

    @pytest.mark.parametrize("status", [302, 303])
    def test_a_form_that_was_taken_and_is_sent_on_is_asked_about(self, world: World, status: int) -> None:
        [result] = self.order(world, status, 1)
        assert result.error is not None
        assert result.error.code == "outcome_unknown"

    def test_a_yes_that_is_not_the_expected_one_is_asked_about(self, world: World) -> None:
        result = request(world, method="POST", body=1, expect=[204])
        assert result.error is not None
        assert result.error.code == "outcome_unknown"
        assert len(world.api.things) == 1

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 412, 415, 422])
    def test_a_plain_refusal_is_a_no(self, world: World, status: int) -> None:
        result = request(world, f"/status/{status}", method="POST", body=1)
        assert result.error is not None
        assert (result.status, result.error.code != "outcome_unknown") == ("failed", True)


@pytest.mark.parametrize(
    ("method", "extra", "effect"),
    [
        ("GET", {}, Effect.PURE),
        ("HEAD", {}, Effect.PURE),
        ("PUT", {}, Effect.IDEMPOTENT),
        ("DELETE", {"idempotency_key": "yes"}, Effect.IDEMPOTENT),
        ("POST", {}, Effect.AT_MOST_ONCE),
        ("PATCH", {"idempotency_key": "no"}, Effect.AT_MOST_ONCE),
        ("POST", {"idempotency_key": "yes"}, Effect.KEYED),
        ("PATCH", {"idempotency_key": "yes"}, Effect.KEYED),
    ],
)
def test_the_effect_follows_from_the_method_and_the_connection(
    method: str, extra: dict[str, str], effect: Effect
) -> None:
    params = Request.parse({"method": method, "url": "/x"})
    assert Request.effect_of(params, lambda: Connection(id="a.b", provider="http", extra=extra)) is effect


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"url": "ftp://api.example/"}, "url"),
        ({"url": "https://ana:geheim@api.example/"}, "url"),
        ({"url": "/x", "headers": {"Authorization": "Bearer x"}}, "headers"),
        ({"url": "/x", "headers": {"cookie": "a=b"}}, "headers"),
        ({"url": "/x", "headers": {"Host": "evil.test"}}, "headers"),
        ({"url": "/x", "headers": {"Idempotency-Key": "1"}}, "headers"),
        ({"url": "/x", "headers": {"X-A": "a\r\nHost: evil.test"}}, "headers"),
        ({"url": "/x", "headers": {"X A": "a"}}, "headers"),
        ({"url": "/x", "expect": [42]}, "expect"),
        ({"url": "/x", "method": "TRACE"}, "method"),
        ({"url": "/x", "body": 1}, ""),
        ({"url": "/x", "method": "POST", "body": {"a": 1}, "send_as": "text"}, ""),
    ],
)
def test_what_cannot_be_sent_is_found_when_the_workflow_is_validated(
    params: dict[str, Any], field: str
) -> None:
    [problem] = Request.validate(params).problems
    assert problem.path.startswith(f"params.{field}" if field else "params")


def _killed(*_: object) -> None:
    raise Killed
