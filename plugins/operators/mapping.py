"""Dynamic task mapping of our operators: `.partial(…).expand(…)` and `.expand_kwargs(…)`, checked while the
DAG file is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk.bases.operator import get_merged_defaults
from airflow.sdk.definitions._internal.contextmanager import DagContext, TaskGroupContext
from airflow.sdk.definitions._internal.mixins import ResolveMixin
from airflow.sdk.definitions.mappedoperator import MappedOperator, OperatorPartial

from operators import checks
from operators.retry import as_definition, retry_policy_of
from operators.templating import node_of

if TYPE_CHECKING:
    from airflow.sdk.definitions._internal.expandinput import ExpandInput

ARGUMENTS = ("org", "connection", "node_params")


class MappedNode(MappedOperator):
    """One of our operators, mapped."""

    __slots__ = ()

    def resolve_template_files(self) -> None:
        """Called by Airflow once the DAG is whole."""
        conditions = self.partial_kwargs.get("conditions") or {}
        checks.refuse(self.task_id, self.task_type, checks.of_place(self, variants(self), conditions))


class NodePartial(OperatorPartial):
    """What `partial` gives."""

    def _expand(self, expand_input: ExpandInput, *, strict: bool) -> MappedOperator:
        made = super()._expand(expand_input, strict=strict)
        made.__class__ = MappedNode  # Airflow makes them itself, and asks nobody of which class
        node = node_of(made)
        if node is not None:
            macros = (made.dag.user_defined_macros if made.dag else None) or {}
            problems = [
                p
                for given in variants(made)
                for p in checks.of_arguments(node, macros=macros, **_three(given))
            ]
            checks.refuse(made.task_id, made.task_type, problems)
        return made


def taken_over(found: OperatorPartial) -> NodePartial:
    """The same partial as one of ours."""
    found._expand_called = True  # noqa: SLF001 - it is not forgotten: another one takes its place
    return NodePartial(operator_class=found.operator_class, kwargs=found.kwargs, params=found.params)


def with_defaults(given: dict[str, Any], timeout: Any) -> dict[str, Any]:
    """The arguments of `partial` with our defaults, where Airflow would put its own."""
    dag = given.get("dag") or DagContext.get_current()
    group = given.get("task_group") or (TaskGroupContext.get_current(dag) if dag else None)
    defaults, _ = get_merged_defaults(
        dag=dag, task_group=group, task_params=None, task_default_args=given.get("default_args")
    )
    all_given = {**defaults, **given}
    policy = as_definition(retry_policy_of(given.get("retry_policy"), all_given))
    ours = {name: defaults[name] for name in ARGUMENTS if name in defaults and name not in given}
    return {
        "execution_timeout": all_given.get("execution_timeout", timeout),
        **ours,
        **given,
        "retry_policy": policy,
        **_as_airflow(policy),
    }


def _as_airflow(policy: Mapping[str, Any]) -> dict[str, Any]:
    return {"retries": policy["maxRetries"], "retry_delay": policy["backoffMs"] / 1000}


def _three(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "org": given.get("org"),
        "connection": given.get("connection"),
        "params": given.get("node_params"),
    }


def variants(task: MappedOperator) -> Iterator[dict[str, Any]]:
    """The arguments of each mapping, as far as the file tells them; what only a run will tell is
    `UNKNOWN`.
    """
    fixed = {name: task.partial_kwargs[name] for name in ARGUMENTS if name in task.partial_kwargs}
    value: Any = task.expand_input.value
    if isinstance(value, Mapping):  # expand
        columns = {name: _column(value[name]) for name in ARGUMENTS if name in value}
        for index in range(max([1, *map(len, columns.values())])):
            yield {
                **fixed,
                **{name: column[index % len(column)] for name, column in columns.items() if column},
            }
    elif isinstance(value, Sequence):  # expand_kwargs
        for each in value:
            known = (
                {name: each[name] for name in ARGUMENTS if name in each}
                if isinstance(each, Mapping)
                else _any(task, fixed)
            )
            yield {**fixed, **known}
    else:
        yield {**fixed, **_any(task, fixed)}


def _column(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [checks.UNKNOWN]


def _any(task: MappedOperator, fixed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: checks.UNKNOWN for name in ARGUMENTS if name not in fixed or _overrides(task)}


def _overrides(task: MappedOperator) -> bool:
    """Whether what is mapped may take the place of what `partial` says: `expand_kwargs(…, strict=False)`."""
    return not task._disallow_kwargs_override  # noqa: SLF001 - Airflow asks itself so


def from_upstream(task: MappedOperator, map_index: int) -> frozenset[str]:
    """Those of a mapped task's arguments that a run has told, and not the DAG's author: they are data."""
    value: Any = task.expand_input.value
    if isinstance(value, Mapping):
        return frozenset(name for name in ARGUMENTS if isinstance(value.get(name), ResolveMixin))
    if isinstance(value, Sequence) and isinstance(value[map_index], Mapping):
        return frozenset()
    return frozenset(ARGUMENTS) if _overrides(task) else frozenset(ARGUMENTS) - frozenset(task.partial_kwargs)
