"""Meetings."""

from __future__ import annotations

from officeflow.nodes.calendar.cancel_event import CancelEvent
from officeflow.nodes.calendar.create_event import CreateEvent
from officeflow.nodes.calendar.update_event import UpdateEvent
from operators.base import NodeOperator


class CreateEventOperator(NodeOperator):
    node = CreateEvent


class UpdateEventOperator(NodeOperator):
    node = UpdateEvent


class CancelEventOperator(NodeOperator):
    node = CancelEvent
