"""Answers that come by Airflow's own page or API are held against our rules before Airflow takes them.

Airflow knows nothing of who may answer, of forms, or of reasons. What is refused here has changed nothing;
what passes is looked at once more when the task goes on, by the same service. Requests that are not ours pass
untouched, and so does all that is no answer. While our database is away an answer to a workflow is refused,
to be given again.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import structlog

from middlewares.bodies import Application, Message, Receive, Send, again, refuse, whole
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.errors import (
    AlreadyAnswered,
    AnswerRefused,
    AnswersDoNotFit,
    OfficeFlowError,
    PastDeadline,
    Problem,
    ReasonMissing,
    RequestWithdrawn,
    Unavailable,
)
from officeflow.ids import is_slug, split_dag_id, workflow_run_id
from officeflow.people import answers, requests
from officeflow.sdk.question import REASON
from officeflow.settings import Settings, load_settings

ANSWER = re.compile(
    r"/api/v2/dags/(?P<dag>[^/]+)/dagRuns/(?P<run>[^/]+)/taskInstances/(?P<task>[^/]+)/(?P<index>-?\d+)"
    r"/hitlDetails/?\Z"
)
MOST_BYTES = 256 * 1024
STATUSES: Mapping[type[OfficeFlowError], int] = {
    AlreadyAnswered: 409,
    PastDeadline: 410,
    RequestWithdrawn: 410,
    ReasonMissing: 422,
    AnswersDoNotFit: 422,
    AnswerRefused: 403,
    Unavailable: 503,
}
"""What is answered: the first that the error is one of."""

ON_THE_PAGE = 490
"""What Airflow's own page is answered. Of every registered status it shows the name alone, and of another one
the body, which says what is wrong. It is the page that sends no header `Authorization`.
"""

CLOCK = SystemClock()

Who = Callable[[Message, Receive], Awaitable[str]]

log = structlog.get_logger(__name__)


class AnswerGuard:
    """ASGI middleware."""

    def __init__(
        self, app: Application, who: Who | None = None, database: Callable[[], Database] | None = None
    ) -> None:
        """`who` tells the login of whoever sends a request, "" where Airflow will refuse them."""
        self._app = app
        self._who = who or signed_in
        self._database = database or (lambda: _database(os.getpid()))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        found = (
            ANSWER.search(scope.get("path", ""))
            if scope["type"] == "http" and scope["method"] == "PATCH"
            else None
        )
        if found is None:
            await self._app(scope, receive, send)
            return
        body = await whole(receive, send, most=MOST_BYTES, called="an answer")
        if body is None:
            return
        refused = await self._refused(scope, found, body)
        if refused is None:
            await self._app(scope, again(body, receive), send)
        else:
            await refuse(send, *refused)

    async def _refused(
        self, scope: Message, found: re.Match[str], body: bytes
    ) -> tuple[int, dict[str, Any]] | None:
        from starlette.concurrency import run_in_threadpool

        login = await self._who(scope, _nothing)
        answer = _answer_of(body)
        if not login or answer is None or login == _settings().airflow_username:
            return None  # Airflow itself refuses it, or it is ours and tells of a decision
        place = Place(found)
        try:
            await run_in_threadpool(check, self._database(), place, login, *answer)
        except Unavailable as error:
            if not place.may_be_ours:
                return None  # it is looked at when the task goes on
            return _shown(scope, *_told(error))
        except OfficeFlowError as error:
            log.info("an answer is refused", dag=place.dag, task=place.task, login=login, code=error.code)
            return _shown(scope, *_told(error))
        return None


class Place:
    """The task that is answered."""

    def __init__(self, found: re.Match[str]) -> None:
        self.dag, self.run, self.task = (unquote(found[name]) for name in ("dag", "run", "task"))
        self.map_index = int(found["index"])

    @property
    def may_be_ours(self) -> bool:
        return all(map(is_slug, split_dag_id(self.dag)))


def check(database: Database, place: Place, login: str, choice: str, given: Mapping[str, Any]) -> None:
    """Returns where the answer would count, or what is answered is no request of ours."""
    run_id = workflow_run_id(place.dag, place.run)
    found = _newest(database, run_id, place)
    if found is None:
        return
    org_id, request_id = found
    with database.tenant(org_id) as session:
        request = requests.locked(session, request_id)
        if choice not in request.options:
            return  # the task asks something else now, such as whether to go on; or Airflow refuses it itself
        values = dict(given)
        reason = values.pop(REASON, None) if request.form is None else None
        answers.checked(
            session,
            request,
            answers.person(session, request, login=login),
            choice=choice,
            now=CLOCK.now(),
            login=login,
            reason=reason if isinstance(reason, str) else "",
            values=values,
            door="airflow",
        )


def _newest(database: Database, run_id: UUID, place: Place) -> tuple[UUID, UUID] | None:
    with database.service() as session:
        request = requests.newest_at(session, run_id, place.task, place.map_index)
        return None if request is None else (request.org_id, request.request_id)


def _answer_of(body: bytes) -> tuple[str, dict[str, Any]] | None:
    """The choice and what was filled in; None for what Airflow will not take."""
    try:
        told = json.loads(body)
        chosen, given = told["chosen_options"], told.get("params_input") or {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not (isinstance(chosen, list) and chosen and isinstance(given, dict)):
        return None
    return str(chosen[0]), given


def _shown(scope: Message, status: int, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    is_page = all(name.lower() != b"authorization" for name, _ in scope.get("headers", ()))
    return (ON_THE_PAGE, {"detail": told["detail"]}) if is_page else (status, told)


def _told(error: OfficeFlowError) -> tuple[int, dict[str, Any]]:
    """In the form of Airflow's own refusals; `detail` is for people."""
    status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 400)
    problems: Sequence[Problem] = getattr(error, "problems", ())
    fields = [{"field": each.path, "reason": each.reason} for each in problems]
    what = "; ".join(f"{each.path.removeprefix('form.')} {each.reason}" for each in problems)
    told: dict[str, Any] = {"detail": f"{error.message}: {what}" if what else str(error), "code": error.code}
    if isinstance(error, AlreadyAnswered):
        told |= {"by": error.by, "at": error.at.isoformat() if error.at else None}
    return status, told | ({"fields": fields} if fields else {})


async def signed_in(scope: Message, receive: Receive) -> str:
    """As Airflow's own routes see who sends a request: a token in a header goes before the cookie."""
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
    from airflow.api_fastapi.core_api.security import resolve_user_from_token
    from fastapi import HTTPException
    from starlette.requests import Request

    request = Request(scope, receive)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        token = request.cookies.get(COOKIE_NAME_JWT_TOKEN, "")
    try:
        user = await resolve_user_from_token(token.strip())
    except HTTPException:
        return ""
    return str(user.get_name())


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


@functools.cache
def _settings() -> Settings:
    return load_settings()


@functools.cache
def _database(process: int) -> Database:
    """One for each process: a connection must not be shared with the one that this was forked from."""
    del process
    return Database.from_settings(_settings(), pool_size=2)
