"""Finds the operator of a node type, by the type's name."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from airflow.sdk import BaseOperator

from officeflow.catalog import registry
from officeflow.sdk import Node
from officeflow.sdk.execution import Rounds

PLUGINS = Path(__file__).resolve().parent.parent / "plugins"


class OperatorClass(Protocol):
    """A subclass of `operators.base.NodeOperator`, as much of it as is needed here."""

    node: type[Node[Any, Any, Any]]

    def __call__(
        self,
        *,
        task_id: str,
        org: str,
        node_params: Mapping[str, Any],
        connection: str | None,
        workflow: str,
        version: int,
        retry_policy: Mapping[str, Any],
        conditions: Mapping[str, str],
        rounds: Rounds,
        **airflow: Any,
    ) -> BaseOperator: ...


@functools.cache
def operator_class(node_type: str) -> OperatorClass:
    """The class whose `node` is of this type; `NodeTypeMissing` where nobody knows the type."""
    _ensure_importable()
    if not registry.is_known(node_type):
        raise registry.missing(node_type)
    making = importlib.import_module("operators.making")
    return cast("OperatorClass", making.operator_of(registry.node_type(node_type)))


def undo_operator() -> Any:
    """The class of the task `undo`."""
    _ensure_importable()
    return importlib.import_module("operators.undo").UndoOperator


def _ensure_importable() -> None:
    """Airflow puts its plugins folder on `sys.path`; a process without one of its own takes the folder beside
    this package.
    """
    if importlib.util.find_spec("operators") is None:
        sys.path.append(str(PLUGINS))
