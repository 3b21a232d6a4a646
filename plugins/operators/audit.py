"""The audit log."""

from __future__ import annotations

from officeflow.nodes.audit.record import Record
from operators.making import operator_of

RecordOperator = operator_of(Record)
