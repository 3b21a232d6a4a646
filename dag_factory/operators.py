"""Finds the operator of a node type, by its place: `identity.create_account` is in `operators/identity.py`.

A type from one of the packages that `OFFICEFLOW_NODE_PACKAGES` names needs no operator in a file: it gets one
here.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from officeflow.catalog import registry
from officeflow.errors import NotKnown

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

    from officeflow.sdk import Node

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
        **airflow: Any,
    ) -> BaseOperator: ...


@functools.cache
def operator_class(node_type: str) -> OperatorClass:
    """The class whose `node` is of this type; `NodeTypeMissing` where nobody knows the type, `NotKnown` where
    it has no operator.
    """
    _ensure_importable()
    if not registry.is_known(node_type):
        raise registry.missing(node_type)
    if not registry.is_ours(node_type):
        return _operator_for(registry.node_type(node_type))
    family = node_type.partition(".")[0]
    try:
        module = importlib.import_module(f"operators.{family}")
    except ModuleNotFoundError as error:
        raise NotKnown(
            f"there is no operator of {node_type}: plugins/operators/{family}.py is missing"
        ) from error
    for value in vars(module).values():
        if _node_type_of(value) == node_type:
            found: OperatorClass = value
            return found
    raise NotKnown(f"there is no operator of {node_type} in plugins/operators/{family}.py")


def _operator_for(node: type[Node[Any, Any, Any]]) -> OperatorClass:
    base = importlib.import_module("operators.base").NodeOperator
    made = type(f"{node.__name__}Operator", (base,), {"node": node, "__module__": base.__module__})
    return cast("OperatorClass", made)


def _node_type_of(value: Any) -> str | None:
    node = getattr(value, "node", None) if isinstance(value, type) else None
    return node.spec.type if node is not None else None


def _ensure_importable() -> None:
    """Airflow puts its plugins folder on `sys.path`; a process without one of its own takes the folder beside
    this package.
    """
    if importlib.util.find_spec("operators") is None:
        sys.path.append(str(PLUGINS))
