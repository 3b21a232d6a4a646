"""Meetings."""

from __future__ import annotations

from officeflow.nodes.calendar.cancel_event import CancelEvent
from officeflow.nodes.calendar.create_event import CreateEvent
from officeflow.nodes.calendar.update_event import UpdateEvent
from operators.making import operator_of

CreateEventOperator = operator_of(CreateEvent)
UpdateEventOperator = operator_of(UpdateEvent)
CancelEventOperator = operator_of(CancelEvent)
