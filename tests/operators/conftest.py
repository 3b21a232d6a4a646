from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from officeflow.database.tables import Organization


class Try:
    """One try of a task, as much as an operator sees of it. `pushed` is what went to XCom."""

    def __init__(
        self,
        task: Any,
        *,
        dag: str = "handmade",
        run: str = "manual__1",
        number: int = 1,
        max_tries: int | None = None,
    ) -> None:
        self.task = task
        self.pushed: dict[str, Any] = {}
        self.ti = SimpleNamespace(
            task=task,
            task_id=task.task_id,
            dag_id=dag,
            run_id=run,
            map_index=-1,
            try_number=number,
            max_tries=task.retries if max_tries is None else max_tries,
            xcom_push=self._push,
        )

    def _push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def execute(self, *, conf: dict[str, Any] | None = None, params: dict[str, Any] | None = None) -> Any:
        return self.task.execute(
            {"ti": self.ti, "dag_run": SimpleNamespace(conf=conf), "params": params or {}}
        )


@pytest.fixture
def officeflow(database_url: str, org: Organization, monkeypatch: pytest.MonkeyPatch) -> Organization:
    """The organization `acme`, in the database that tasks find in their settings."""
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    return org
