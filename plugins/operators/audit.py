"""The audit log."""

from __future__ import annotations

from officeflow.nodes.audit.record import Record
from operators.base import NodeOperator


class RecordOperator(NodeOperator):
    node = Record
