"""The route: who may ask, and what is answered when it cannot be done."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from airflow.api_fastapi.auth.tokens import JWTGenerator
from opentelemetry import trace
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.applications import Starlette
from starlette.routing import Mount

from handover import app as route
from handover.messages import Answer, path_of
from handover.mount import MOUNT
from handover.slot import Busy, Refused
from tests.handover.stage import BEGAN, WORKER, Run, Stage

pytestmark = [pytest.mark.integration, pytest.mark.anyio]

AUDIENCE = "urn:airflow.apache.org:task"
SECRET = "s" * 64


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def stage(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Which the route uses, with Airflow's own making and checking of tokens."""
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", SECRET)
    monkeypatch.setattr(route, "_engine", lambda: stage.engine)
    for made in (route._validator, route._generator, route._kit):
        made.cache_clear()
    return stage


def token(task_instance: Any, *, secret: str = SECRET, **extras: Any) -> str:
    none: Any = None  # what its field takes, and its type does not say
    generator = JWTGenerator(
        secret_key=secret, valid_for=60, audience=AUDIENCE, issuer=None, private_key=none
    )
    return generator.generate(extras={"sub": str(task_instance), "scope": "execution", **extras})


def said(**changes: Any) -> dict[str, Any]:
    return {"at": BEGAN.isoformat(), "weight": 1, **WORKER, **changes}


async def post(
    task_instance: Any, *, bearer: str | None = None, content: Any = None, method: str = "POST"
) -> httpx.Response:
    mounted = Starlette(routes=[Mount(MOUNT["url_prefix"], MOUNT["app"])])
    headers = {} if bearer is None else {"authorization": f"Bearer {bearer}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(mounted), base_url="http://api") as client:
        body = json.dumps(said() if content is None else content)
        return await client.request(method, path_of(task_instance), content=body, headers=headers)


def acting(stage: Stage) -> Run:
    run = stage.run("ab")
    run.acts("a")
    return run


class TestWhoMayAsk:
    async def test_the_tasks_own_execution_token_does(self, stage: Stage) -> None:
        run = acting(stage)
        asked = run.task("a").id
        found = await post(asked, bearer=token(asked))
        assert found.status_code == 200
        successor = Answer.model_validate_json(found.content).successor
        assert successor is not None
        assert run.states() == {"a": "success", "b": "running"}
        claims = await route._validator().avalidated_claims(successor.token, {})
        assert (claims["sub"], claims["scope"]) == (str(run.task("b").id), "execution")

    @pytest.mark.parametrize(
        ("bearer", "status"),
        [
            (lambda asked: None, 401),
            (lambda asked: "", 401),
            (lambda asked: "no token", 403),
            (lambda asked: token(uuid.uuid4()), 403),
            (lambda asked: token(asked, secret="t" * 64), 403),
            (lambda asked: token(asked, scope="workload"), 403),
            (lambda asked: token("officeflow"), 403),
        ],
        ids=["none", "empty", "no form", "another task's", "forged", "of the queue", "a person's"],
    )
    async def test_nobody_else_may(
        self, stage: Stage, bearer: Callable[[Any], str | None], status: int
    ) -> None:
        run = acting(stage)
        before, asked = run.everything(), run.task("a").id
        assert (await post(asked, bearer=bearer(asked))).status_code == status
        assert run.everything() == before

    async def test_an_expired_token_is_refused(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        run = acting(stage)
        asked = run.task("a").id
        monkeypatch.setattr(route._validator(), "leeway", -100)
        assert (await post(asked, bearer=token(asked))).status_code == 403
        assert run.states()["a"] == "running"


class TestAnswers:
    async def test_what_is_refused_is_said(self, stage: Stage) -> None:
        run = acting(stage)
        run.set_dag(is_paused=True)
        asked = run.task("a").id
        found = await post(asked, bearer=token(asked))
        assert (found.status_code, found.json()) == (200, {"refused": "the DAG is paused", "successor": None})

    async def test_a_body_of_another_form(self, stage: Stage) -> None:
        run = acting(stage)
        asked = run.task("a").id
        assert (await post(asked, bearer=token(asked), content={"pid": "x"})).status_code == 422
        assert run.states()["a"] == "running"

    async def test_other_paths_and_methods_are_not_there(self, stage: Stage) -> None:
        assert (await post("no-uuid")).status_code == 404
        assert (await post(uuid.uuid4(), method="GET")).status_code == 405

    async def test_what_is_not_known_of_the_database_is_left_open(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*arguments: Any, **more: Any) -> Any:
            raise OperationalError("COMMIT", {}, Exception("the connection is lost"))

        monkeypatch.setattr(route, "hand_on", away)
        asked = uuid.uuid4()
        assert (await post(asked, bearer=token(asked))).status_code == 503

    @pytest.mark.parametrize(
        "then",
        [Busy(), Refused("the DAG is paused"), LookupError("odd"), PoolTimeout("none is free")],
        ids=repr,
    )
    async def test_whatever_follows_a_lost_connection_leaves_it_open(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch, then: Exception
    ) -> None:
        """The lost one may have been at its COMMIT."""
        lost = InterfaceError("COMMIT", {}, Exception("closed"), connection_invalidated=True)
        errors = [lost, then, then]

        def away(*arguments: Any, **more: Any) -> Any:
            raise errors.pop(0)

        monkeypatch.setattr(route, "hand_on", away)
        asked = uuid.uuid4()
        assert (await post(asked, bearer=token(asked))).status_code == 503

    async def test_a_worker_with_another_airflow_takes_the_ordinary_way(self, stage: Stage) -> None:
        run = acting(stage)
        asked = run.task("a").id
        found = await post(asked, bearer=token(asked), content=said(airflow="3.2.0"))
        assert "the worker has Airflow 3.2.0" in found.json()["refused"]
        assert run.states()["a"] == "running"

    async def test_what_nobody_foresaw_changes_nothing_and_is_no_failure(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = acting(stage)
        before = run.everything()

        def other(*arguments: Any) -> str:
            raise LookupError("Airflow has changed")

        monkeypatch.setattr("handover.slot._End.answer", other)
        asked = run.task("a").id
        found = await post(asked, bearer=token(asked))
        assert found.json()["refused"] == "LookupError (see the api-server's log)"
        assert run.everything() == before

    async def test_the_ended_task_has_its_span(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        from airflow.api_fastapi.execution_api.routes import task_instances
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        spans = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(spans))
        monkeypatch.setattr(task_instances, "tracer", provider.get_tracer("test"))
        run = acting(stage)
        run.set_run(context_carrier={"traceparent": f"00-{1:032x}-{1:016x}-01"})
        asked = run.task("a").id
        await post(asked, bearer=token(asked))
        (span,) = spans.get_finished_spans()
        assert span.name == "task_run.a"
        assert span.parent is not None
        assert span.parent.trace_id == 1
        assert span.attributes is not None
        assert span.attributes["airflow.task_instance.state"] == "success"
        assert span.status.status_code is trace.StatusCode.OK
