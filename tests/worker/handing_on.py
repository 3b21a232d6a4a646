"""An api-server that answers a hand-over as the test says, and tasks to hand on."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from airflow.sdk.api.client import Client
from airflow.sdk.api.datamodels._generated import TaskInstance

from coordinators.slot import Slot
from handover.messages import Successor

Handler = Callable[[httpx.Request], httpx.Response]
AT = dt.datetime(2026, 1, 5, 8, 0, tzinfo=dt.UTC)
RUN: dict[str, Any] = {
    "dag_id": "acme__joiner",
    "run_id": "r",
    "logical_date": None,
    "data_interval_start": None,
    "data_interval_end": None,
    "run_after": AT.isoformat(),
    "start_date": AT.isoformat(),
    "end_date": None,
    "run_type": "manual",
    "state": "running",
    "conf": {"event": {"id": "e-1"}},
    "consumed_asset_events": [],
    "partition_key": None,
}
CONTEXT = {"dag_run": RUN, "max_tries": 2, "should_retry": True}


def task(task_id: str = "a", **changes: Any) -> TaskInstance:
    fields = {"id": uuid.uuid4(), "dag_id": "acme__joiner", "run_id": "r", "task_id": task_id}
    return TaskInstance(**{**fields, "try_number": 1, "dag_version_id": uuid.uuid4(), **changes})


def successor(task_id: str = "b", **changes: Any) -> Successor:
    fields = {
        "ti": task(task_id).model_dump(mode="json"),
        "weight": 1,
        "max_tries": 0,
        "should_retry": False,
        "xcom_keys_to_clear": (),
        "token": f"token-{task_id}",
        "log_path": f"{task_id}.log",
    }
    return Successor.model_validate({**fields, **changes})


class Api:
    """An api-server: `answers` to hand-overs in order, each a message, a status, or an error; everything else
    is accepted. `asked` has the requests.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.refuses: dict[str, int] = {}
        self.client = Client(
            base_url="http://api/airflow/execution/", token="first", transport=httpx.MockTransport(self)
        )

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.path.endswith("/handover"):
            return self._handed_over(request)
        for ending, status in self.refuses.items():
            if request.url.path.endswith(ending):
                return httpx.Response(status, json={"detail": {"reason": "invalid_state"}})
        return httpx.Response(200, json=CONTEXT)

    def _handed_over(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            return httpx.Response(answer, json={"detail": "as the test says"})
        return httpx.Response(200, content=answer.model_dump_json())

    @property
    def paths(self) -> list[str]:
        return [request.url.path.rsplit("/", 1)[-1] for request in self.asked]

    @property
    def bodies(self) -> list[Any]:
        """Of the hand-overs."""
        return [
            json.loads(request.content) for request in self.asked if request.url.path.endswith("handover")
        ]


def of(api: Api, *, goes_on: bool = True) -> Slot:
    return Slot(api.client, 1, may_go_on=lambda: goes_on)


class Lines:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def log(self, level: int, text: str, **values: Any) -> None:
        self.lines.append(text)

    def __getattr__(self, name: str) -> Any:
        return lambda text, **values: self.lines.append(text)
