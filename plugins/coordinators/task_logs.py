"""Task logs as Airflow keeps them: a file for each try, sent away in the end where remote logs are set up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import structlog
from airflow.sdk._shared.secrets_masker import reset_secrets_masker
from airflow.sdk.execution_time.supervisor import _configure_logging, _remote_logging_conn
from airflow.sdk.log import upload_to_remote

if TYPE_CHECKING:
    from airflow.sdk.api.client import Client
    from airflow.sdk.api.datamodels._generated import TaskInstance

log = structlog.get_logger(__name__)


@contextlib.contextmanager
def own_log(log_path: str, client: Client) -> Iterator[Any]:
    """The logger of a task that Airflow's supervisor has not made one for: the worker's own where its file
    cannot be opened. What was secret to the task before is not to this one.
    """
    reset_secrets_masker()
    try:
        logger, file = _configure_logging(log_path, client)
    except OSError as error:
        log.warning("a task's log cannot be opened, its node runs", log_path=log_path, error=str(error))
        yield structlog.get_logger("task")
        return
    with contextlib.closing(_Forgiving(file)):
        yield logger


class _Forgiving:
    """A file whose last lines may be lost for want of room."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()


@contextlib.contextmanager
def uploaded(logger: Any, what: TaskInstance, client: Client) -> Iterator[None]:
    """Send the log away in the end, however that comes."""
    try:
        yield
    finally:
        try:
            with _remote_logging_conn(client):
                upload_to_remote(logger, what)  # type: ignore[arg-type]
        except Exception:
            log.exception("a task's log is not sent away", task_instance=str(what.id))
