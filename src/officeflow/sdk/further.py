"""Connections that a node looks into beside its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from officeflow.connectors.families import Capability, Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """`parameter` is the node's parameter that names them, in a list; a text there stands for whatever the
    node type says. Each has to be of the `family`, and its system able to do what `needs` says.
    """

    parameter: str
    family: Family
    needs: frozenset[Capability] = frozenset()

    def named(self, params: Mapping[str, Any]) -> Mapping[int, str]:
        """The names in the parameters as they are drawn, each with its place in the list."""
        listed = params.get(self.parameter)
        if not isinstance(listed, list):
            return {}
        return {index: name for index, name in enumerate(listed) if isinstance(name, str)}
