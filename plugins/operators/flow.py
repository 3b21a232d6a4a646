"""Waiting."""

from __future__ import annotations

from officeflow.nodes.flow.delay import Delay
from operators.base import NodeOperator


class DelayOperator(NodeOperator):
    node = Delay
