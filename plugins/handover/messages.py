"""What a worker says when its task has succeeded, and what it is answered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from airflow import __version__
from pydantic import AwareDatetime, BaseModel, ConfigDict

PREFIX = "/officeflow-execution"
"""Where the api-server has the routes, beside its own `/execution`."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True)


class Ending(_Message):
    """A task that has succeeded at a time. Asked again after a lost answer, it is the same to the letter."""

    at: AwareDatetime
    hostname: str
    unixname: str
    pid: int
    """With `hostname` and `unixname` the worker's name, as Airflow has it of the running task."""
    weight: int
    """The highest priority among the tasks that had the slot until now."""
    airflow: str = __version__
    """The worker's version, since the answer is read by its models."""
    skip: tuple[str, ...] = ()
    """Tasks right behind this one whose condition is false."""

    @property
    def worker(self) -> tuple[str, str, int]:
        return self.hostname, self.unixname, self.pid


class Successor(_Message):
    """The task that is running now, in the worker's name."""

    ti: dict[str, Any]
    """The fields of the task SDK's `TaskInstance`."""
    weight: int
    max_tries: int
    should_retry: bool
    xcom_keys_to_clear: tuple[str, ...]
    token: str
    """Its execution token."""
    log_path: str
    """Of its log, below Airflow's folder of logs."""


class Answer(_Message):
    """`refused`, where it is not empty, says why nothing was changed: the task is to be ended in Airflow's
    ordinary way.

    Otherwise the task has ended, and `successor`, where there is one, is the worker's.
    """

    refused: str = ""
    successor: Successor | None = None


def path_of(task_instance: UUID | str) -> str:
    return f"{PREFIX}/task-instances/{task_instance}/handover"
