"""Nodes with templates in hand-written DAGs, rendered as Airflow does before a try."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from airflow.sdk import task
from airflow.sdk.execution_time.task_runner import _serialize_rendered_fields

from operators.audit import RecordOperator
from operators.base import NodeOperator
from tests.operators.conftest import Try

HOSTILE = "{{ 7 * 7 }} ${{ org.slug }} $${{ x }} {% if %}"
"""What a tenant may have typed: a template of Airflow's, one of ours, an expression."""


class Rendered(Try):
    """A try whose task Airflow renders first; `xcoms` are what other tasks have pushed, by id or by id and
    key.
    """

    def __init__(
        self, given: Any, xcoms: dict[Any, Any] | None = None, *, map_index: int = -1, **kwargs: Any
    ) -> None:
        super().__init__(
            given.prepare_for_execution(), **kwargs
        ) if not given.is_mapped else super().__init__(_Unmapped(given), **kwargs)
        self.xcoms = xcoms or {}
        self.ti.map_index = map_index
        self.ti.xcom_pull = self._pull
        self.given = given

    def _pull(self, task_ids: str, key: str = "return_value", default: Any = None, **_: Any) -> Any:
        return self.xcoms.get(
            (task_ids, key), self.xcoms.get(task_ids, default) if key == "return_value" else default
        )

    def render(self, **params: Any) -> Any:
        """The task as Airflow executes it."""
        conf = SimpleNamespace(conf=params.pop("conf", None))
        self.context: Any = {
            "ti": self.ti,
            "dag_run": conf,
            "params": params,
            "dag": self.given.get_dag(),
            "ds": "2026-01-05",
        }
        task = self.given if self.given.is_mapped else self.task
        self.context["task"] = task
        task.render_template_fields(self.context)
        return self.context["task"]

    def run(self, **params: Any) -> Any:
        return self.render(**params).execute(self.context)

    @property
    def shown(self) -> Any:
        """What Airflow keeps for its page *Rendered Templates*."""
        return _serialize_rendered_fields(self.context["task"])


class _Unmapped(SimpleNamespace):
    def __init__(self, given: Any) -> None:
        super().__init__(task_id=given.task_id, retries=given.retries)


def record(subject: Any = "x", task_id: str = "record", **given: Any) -> NodeOperator:
    return RecordOperator(
        **{"task_id": task_id, "org": "acme", "node_params": {"action": "a", "subject": subject}, **given}
    )


@task
def people() -> list[str]:
    return []
