"""Meetings."""

from __future__ import annotations

from officeflow.nodes.calendar.cancel_event import CancelEvent
from officeflow.nodes.calendar.create_event import CreateEvent
from operators.base import NodeOperator


class CreateEventOperator(NodeOperator):
    node = CreateEvent


class CancelEventOperator(NodeOperator):
    node = CancelEvent
