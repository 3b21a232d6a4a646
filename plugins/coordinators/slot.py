"""The worker's side of a slot that is handed on: one call ends a task and brings the next one of its run."""

from __future__ import annotations

import datetime as dt
import functools
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
import setproctitle
from airflow.sdk.api.client import BearerAuth, get_hostname, getuser
from airflow.sdk.api.datamodels._generated import TaskInstance, TIRunContext
from pydantic import ValidationError

from handover.messages import Answer, Ending, Successor, path_of
from officeflow.errors import InvalidInput
from officeflow.settings import load_settings

if TYPE_CHECKING:
    from airflow.sdk.api.client import Client

LONGEST_SECONDS = 60.0
"""After which the scheduler decides who gets the slot."""

TRIES = 3
PAUSE_SECONDS = 0.2


@functools.cache
def is_wanted() -> bool:
    """What the setting says; no where the settings are wrong, which the node itself reports."""
    try:
        return load_settings().handover
    except InvalidInput:
        return False


def taken(
    successor: Successor, before: TaskInstance, context: TIRunContext
) -> tuple[TaskInstance, TIRunContext]:
    """The next task and its context; the run is that of the one before."""
    what = TaskInstance.model_validate(successor.ti)
    _entitle(str(before.id), str(what.id))
    return what, TIRunContext(
        dag_run=context.dag_run,
        max_tries=successor.max_tries,
        should_retry=successor.should_retry,
        xcom_keys_to_clear=list(successor.xcom_keys_to_clear),
    )


def _entitle(before: str, now: str) -> None:
    """Airflow puts the task instance's id into the title of its worker's process."""
    setproctitle.setproctitle(setproctitle.getproctitle().replace(before, now))


@dataclass(frozen=True, slots=True)
class Lost:
    """A call whose answer never came."""

    path: str
    said: Ending


class Slot:
    """The place of one task in Airflow's executor, for as long as it is handed on.

    `may_go_on` is asked before each hand-over. Where it says no, and where anything is odd, the task is to be
    ended in Airflow's ordinary way.
    """

    def __init__(self, client: Client, weight: int, *, may_go_on: Callable[[], bool]) -> None:
        self._client = client
        self._server = str(client.base_url.join("..")).removesuffix("/")
        self._weight = weight
        self._may_go_on = may_go_on
        self._until = time.monotonic() + LONGEST_SECONDS
        self._lost: Lost | None = None
        self._successor: Successor | None = None

    def end(self, what: TaskInstance, at: dt.datetime, skip: Sequence[str]) -> bool:
        """Whether the task, which has succeeded, is ended by this; its successor is then `take`n."""
        if time.monotonic() > self._until or not self._may_go_on():
            return False
        said = Ending(
            at=at,
            hostname=get_hostname(),
            unixname=getuser(),
            pid=os.getpid(),
            weight=self._weight,
            skip=tuple(skip),
        )
        return self._is_ended_by(path_of(what.id), said)

    @property
    def goes_on_with(self) -> str:
        """The id of the task that is to be taken; "" where there is none."""
        return str(self._successor.ti["task_id"]) if self._successor is not None else ""

    def look_again(self) -> None:
        """After a task was ended in the ordinary way: an answer that was lost may have brought its successor
        nevertheless.
        """
        lost, self._lost = self._lost, None
        if lost is not None:
            self._is_ended_by(lost.path, lost.said)

    def take(self) -> Successor | None:
        """The next task, which Airflow has as running here; from now on the client speaks for it."""
        found, self._successor = self._successor, None
        if found is not None:
            self._weight = found.weight
            self._client.auth = BearerAuth(found.token)
        return found

    def _is_ended_by(self, path: str, said: Ending) -> bool:
        for attempt in range(TRIES):
            if attempt:
                time.sleep(PAUSE_SECONDS)
            try:
                answer = self._ask(path, said)
            except (httpx.HTTPError, ValidationError) as error:
                if _is_final(error):
                    return False
                self._lost = Lost(path, said)
                continue
            if not answer.refused:  # an earlier one, whose answer was lost, may still be at it
                self._lost = None
            self._successor = answer.successor
            return not answer.refused
        return False

    def _ask(self, path: str, said: Ending) -> Answer:
        # Not the client's own `request`, which tries for minutes: this call can be done without.
        address = f"{self._server}{path}"
        headers = {"content-type": "application/json"}
        answer = httpx.Client.request(
            self._client, "POST", address, content=said.model_dump_json(), headers=headers
        )
        return Answer.model_validate_json(answer.read())


def _is_final(error: Exception) -> bool:
    """Whether the api-server has said no: it has no such route, or does not take this token."""
    return (
        isinstance(error, httpx.HTTPStatusError)
        and error.response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    )
