"""A system that has us wait: how long by ourselves, and what a person is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from officeflow.nodes.human import approval
from officeflow.runner.waiting import GIVE_UP, TRY_NOW
from officeflow.sdk import Answer, NodeResult
from tests.connectors.http_faults import Fault, FaultProxy
from tests.nodes.world import World

pytestmark = pytest.mark.integration

YEAR = "31536000"


@pytest.fixture
def proxy(world: World) -> Iterator[FaultProxy]:
    """Before the SCIM server and the API, both of which answer to any address."""
    with FaultProxy(world.scim.url).running() as proxy:
        world.changes = {"host": proxy.url}
        yield proxy


def limit(proxy: FaultProxy, wait: str, *, methods: tuple[str, ...] = ("GET",), times: int = 1) -> None:
    proxy.fault(Fault(kind="answer", methods=methods, status=429, headers={"Retry-After": wait}, times=times))


def suspend(world: World, **more: Any) -> NodeResult:
    return world.run("identity.suspend_account", {"login": "ana"}, connection="scim", **more)


def test_a_wait_within_the_limit_is_kept_and_nobody_is_asked(world: World, proxy: FaultProxy) -> None:
    limit(proxy, "3600")
    result = suspend(world)
    assert (result.status, result.retry_in, result.question) == ("retry", 3600.0, None)


@pytest.mark.parametrize("wait", [YEAR, "3601", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_longer_wait_is_asked_about_and_is_the_questions_time(
    world: World, proxy: FaultProxy, wait: str
) -> None:
    limit(proxy, wait)
    result = suspend(world)
    assert (result.status, result.retry_in, result.reschedule_at) == ("retry", None, None)
    assert result.question is not None
    assert result.question.options == (TRY_NOW, GIVE_UP)
    assert result.question.default == TRY_NOW
    assert result.question.timeout is not None
    seconds = result.question.timeout.total_seconds()
    assert seconds == (float(wait) if len(wait) < 9 else 366 * 86400)


@pytest.mark.parametrize("wait", ["-1", "1e30", "NaN", "soon", "0x10"])
def test_a_wait_that_is_none_leaves_the_delay_to_us(world: World, proxy: FaultProxy, wait: str) -> None:
    limit(proxy, wait)
    result = suspend(world)
    assert (result.retry_in, result.question) == (0.5, None)


def test_an_answer_makes_the_next_try_and_calls_nobody_itself(world: World, proxy: FaultProxy) -> None:
    limit(proxy, YEAR)
    assert suspend(world).question is not None
    before = len(proxy.seen)
    for answer in (Answer(chosen=TRY_NOW, by="boss"), Answer(chosen=TRY_NOW, in_time=False)):
        result = suspend(world, answer=answer)
        assert (result.status, result.question) == ("retry", None)
        assert result.retry_in is not None
        assert result.retry_in <= 1
    assert len(proxy.seen) == before
    world.create("ana", active=True)
    assert suspend(world, try_number=2).status == "success"


def test_who_gives_up_fails_the_node_by_name(world: World, proxy: FaultProxy) -> None:
    limit(proxy, YEAR)
    suspend(world)
    result = suspend(world, answer=Answer(chosen=GIVE_UP, by="boss"))
    assert result.error is not None
    assert (result.status, result.error.code) == ("failed", "not_approved")
    assert "boss" in result.error.message


def test_after_the_last_retry_nobody_is_asked(world: World, proxy: FaultProxy) -> None:
    limit(proxy, YEAR)
    result = suspend(world, try_number=4)
    assert (result.status, result.question) == ("failed", None)


def test_the_answer_to_a_nodes_own_question_is_not_mistaken_for_one_about_a_wait(world: World) -> None:
    result = world.run("human.approval", {"subject": "Go on?"}, answer=Answer(chosen="Approve", by="boss"))
    assert (result.status, result.output["approved"]) == ("success", True)


def test_a_node_may_not_ask_in_the_words_that_are_kept_for_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approval, "APPROVE", GIVE_UP)
    result = world.run("human.approval", {"subject": "Go on?"})
    assert (result.status, result.question, result.error and result.error.code) == (
        "failed",
        None,
        "output_refused",
    )


def test_a_write_that_may_be_done_keeps_its_wait_and_is_looked_for_before_it_is_done_again(
    world: World, proxy: FaultProxy
) -> None:
    """The account was created, and then a gateway asks to wait."""
    proxy.fault(Fault(kind="act_then_answer", methods=("POST",), status=429, headers={"Retry-After": "30"}))
    create = ("identity.create_account", {"login": "ana"})
    first = world.run(*create, connection="scim")
    assert (first.status, first.retry_in) == ("retry", 30.0)
    second = world.run(*create, connection="scim", try_number=2)
    assert second.status == "success", second.error
    assert len([method for method, _, _ in proxy.seen if method == "POST"]) == 1
