"""The operator of a node type: one class for each, made here, whoever asks for it.

In a DAG of yours, for a node type of your own:

    PrintBadgeOperator = operator_of(PrintBadge)
"""

from __future__ import annotations

import functools
from typing import Any, cast

from officeflow import nodes
from officeflow.sdk import Node
from operators.base import NodeOperator


@functools.cache
def operator_of(node: type[Node[Any, Any, Any]]) -> type[NodeOperator]:
    """Called `<the node type's class>Operator`, with its documentation; the same class at every call."""
    name = f"{node.__name__}Operator"
    made = type(name, (NodeOperator,), {"node": node, "__doc__": node.__doc__, "__module__": _home_of(node)})
    return cast("type[NodeOperator]", made)


def _home_of(node: type[Node[Any, Any, Any]]) -> str:
    """The module that gives the class out: for types of ours, their family's."""
    name = node.spec.type
    is_ours = node.__module__ == f"{nodes.__name__}.{name}"
    return f"operators.{name.partition('.')[0]}" if is_ours else __name__
