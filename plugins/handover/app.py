"""The route, as a small application of its own: Airflow's versioned routers cost more than what is done here.

It takes the execution token that Airflow gave the ending task, and no other.
"""

from __future__ import annotations

import functools
import random
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from airflow import __version__
from pydantic import ValidationError
from sqlalchemy.engine import Engine, Row
from sqlalchemy.exc import DBAPIError, OperationalError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from handover.dags import KnownDags
from handover.messages import Answer, Ending
from handover.slot import Busy, Handed, Kit, Refused, hand_on

if TYPE_CHECKING:
    from airflow.api_fastapi.auth.tokens import JWTGenerator, JWTValidator

TRIES = 3
PAUSE_SECONDS = 0.01
EXECUTION = "execution"

log = structlog.get_logger(__name__)


class Unsettled(Exception):
    """Nobody knows whether anything was changed."""


class Unforeseen(Exception):
    """Something else went wrong, and nothing was changed. Its text is the error's type."""


class NotAllowed(Exception):
    """`status` is what to answer with, 401 or 403."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def handover(request: Request) -> Response:
    """`Answer` with 200. 401 and 403 as Airflow's execution API, 422 for a body of another form, 503 where
    it is not known whether anything was changed: the same is to be asked again.
    """
    try:
        task_instance = await _asker(request)
        said = Ending.model_validate_json(await request.body())
    except NotAllowed as error:
        return Response(status_code=error.status)
    except ValidationError as error:
        return Response(error.json(include_url=False), 422, media_type="application/json")
    answer = await run_in_threadpool(_answered, task_instance, said)
    if answer is None:
        return Response(status_code=503)
    return Response(answer.model_dump_json(), media_type="application/json")


async def _asker(request: Request) -> UUID:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise NotAllowed(401)
    asked: UUID = request.path_params["task_instance"]
    try:
        claims = await _validator().avalidated_claims(token, {})
        is_theirs = claims.get("scope", EXECUTION) == EXECUTION and UUID(claims["sub"]) == asked
    except Exception as error:  # whatever its form lacks
        log.warning("a token was refused", task_instance=str(asked), error=str(error))
        raise NotAllowed(403) from error
    if not is_theirs:
        raise NotAllowed(403)
    return asked


def _answered(task_instance: UUID, said: Ending) -> Answer | None:
    """None where the database left it open."""
    if said.airflow != __version__:
        return Answer(refused=f"the worker has Airflow {said.airflow}, the api-server {__version__}")
    try:
        handed = in_transactions(_engine(), _kit(), task_instance, said)
    except Refused as reason:
        log.info("a slot is not handed on", task_instance=str(task_instance), reason=str(reason))
        return Answer(refused=str(reason))
    except Unsettled:
        log.exception("the database does not answer", task_instance=str(task_instance))
        return None
    except Unforeseen as error:
        log.exception("a slot cannot be handed on", task_instance=str(task_instance))
        return Answer(refused=f"{error} (see the api-server's log)")
    if handed.ended is not None:
        _trace_end(handed.ended)
    return handed.answer


def in_transactions(engine: Engine, kit: Kit, task_instance: UUID, said: Ending) -> Handed:
    """`hand_on`, tried again after a deadlock, a lost connection, or where somebody else was deciding.

    `Refused`, `Unforeseen`: nothing was changed. `Unsettled`: the database did not say, in the last try or in
    one before.
    """
    lost: DBAPIError | None = None
    for last in (False,) * (TRIES - 1) + (True,):
        try:
            with engine.begin() as connection:
                return hand_on(connection, kit, task_instance, said, patient=not last)
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                lost = error
            if last or not (isinstance(error, Busy | OperationalError) or error is lost):
                raise _told(error, is_settled=lost is None) from error
        time.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - so that two do not meet again
    raise AssertionError


def _told(error: Exception, *, is_settled: bool) -> Exception:
    """What an error says of the hand-over when no other try follows it."""
    if isinstance(error, OperationalError) or not is_settled:
        return Unsettled()
    if isinstance(error, Busy):
        return Refused("others decide about its successors")
    return Refused(str(error)) if isinstance(error, Refused) else Unforeseen(type(error).__name__)


def _trace_end(ended: Row[Any]) -> None:
    """Make the span of a task's end that Airflow's own route makes."""
    from airflow.api_fastapi.execution_api.routes.task_instances import _emit_task_span

    run = SimpleNamespace(context_carrier=ended.run_carrier)
    fields = ended._mapping  # noqa: SLF001 - public in spite of its name
    try:
        _emit_task_span(SimpleNamespace(**fields, dag_run=run), state="success")
    except Exception:
        log.warning("the span of a task's end is lost", exc_info=True)


@functools.cache
def _kit() -> Kit:
    generator = _generator()

    def token(task_instance: UUID) -> str:
        return generator.generate(extras={"sub": str(task_instance), "scope": EXECUTION})

    return Kit(KnownDags(), token)


def _engine() -> Engine:
    from airflow import settings

    assert settings.engine is not None, "an api-server has one"  # noqa: S101 - for the type checker
    return settings.engine


@functools.cache
def _validator() -> JWTValidator:
    from airflow.api_fastapi.execution_api.app import _jwt_validator

    made: JWTValidator = _jwt_validator()
    return made


@functools.cache
def _generator() -> JWTGenerator:
    from airflow.api_fastapi.execution_api.app import _jwt_generator

    made: JWTGenerator = _jwt_generator()
    return made


application = Starlette(
    routes=[Route("/task-instances/{task_instance:uuid}/handover", handover, methods=["POST"])]
)
