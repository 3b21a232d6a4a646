from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.event_status import EventStatus
from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.run_of_event import RunOfEvent
  from ..models.whole_event_payload import WholeEventPayload





T = TypeVar("T", bound="WholeEvent")



@_attrs_define
class WholeEvent:
    """ 
        Attributes:
            attempts (int):
            correlation_id (str):
            dispatched (datetime.datetime | None):
            employee (str):
            event_id (str):
            event_time (datetime.datetime):
            inbox_id (UUID):
            kind (str):
            payload (WholeEventPayload): Without sensitive fields.
            problem (None | str):
            received (datetime.datetime):
            release_id (None | UUID): The release of the mass that it is part of.
            runs (int):
            sensitive_fields (list[str]): Their names.
            source (str):
            started (list[RunOfEvent]):
            status (EventStatus): `inbox_events.status`.

                DISPATCHED: its runs exist. IGNORED: no workflow wanted it. HELD: it is one of a mass that a second person
                has to release. REFUSED: one of those that were not released; it starts nothing.
     """

    attempts: int
    correlation_id: str
    dispatched: datetime.datetime | None
    employee: str
    event_id: str
    event_time: datetime.datetime
    inbox_id: UUID
    kind: str
    payload: WholeEventPayload
    problem: None | str
    received: datetime.datetime
    release_id: None | UUID
    runs: int
    sensitive_fields: list[str]
    source: str
    started: list[RunOfEvent]
    status: EventStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.run_of_event import RunOfEvent # noqa: PLC0415
        from ..models.whole_event_payload import WholeEventPayload # noqa: PLC0415
        attempts = self.attempts

        correlation_id = self.correlation_id

        dispatched: None | str
        if isinstance(self.dispatched, datetime.datetime):
            dispatched = self.dispatched.isoformat()
        else:
            dispatched = self.dispatched

        employee = self.employee

        event_id = self.event_id

        event_time = self.event_time.isoformat()

        inbox_id = str(self.inbox_id)

        kind = self.kind

        payload = self.payload.to_dict()

        problem: None | str
        problem = self.problem

        received = self.received.isoformat()

        release_id: None | str
        if isinstance(self.release_id, UUID):
            release_id = str(self.release_id)
        else:
            release_id = self.release_id

        runs = self.runs

        sensitive_fields = self.sensitive_fields



        source = self.source

        started = []
        for started_item_data in self.started:
            started_item = started_item_data.to_dict()
            started.append(started_item)



        status = self.status.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "attempts": attempts,
            "correlation_id": correlation_id,
            "dispatched": dispatched,
            "employee": employee,
            "event_id": event_id,
            "event_time": event_time,
            "inbox_id": inbox_id,
            "kind": kind,
            "payload": payload,
            "problem": problem,
            "received": received,
            "release_id": release_id,
            "runs": runs,
            "sensitive_fields": sensitive_fields,
            "source": source,
            "started": started,
            "status": status,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.run_of_event import RunOfEvent # noqa: PLC0415
        from ..models.whole_event_payload import WholeEventPayload # noqa: PLC0415
        d = dict(src_dict)
        attempts = d.pop("attempts")

        correlation_id = d.pop("correlation_id")

        def _parse_dispatched(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                dispatched_type_0 = datetime.datetime.fromisoformat(data)



                return dispatched_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        dispatched = _parse_dispatched(d.pop("dispatched"))


        employee = d.pop("employee")

        event_id = d.pop("event_id")

        event_time = datetime.datetime.fromisoformat(d.pop("event_time"))




        inbox_id = UUID(d.pop("inbox_id"))




        kind = d.pop("kind")

        payload = WholeEventPayload.from_dict(d.pop("payload"))




        def _parse_problem(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        problem = _parse_problem(d.pop("problem"))


        received = datetime.datetime.fromisoformat(d.pop("received"))




        def _parse_release_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                release_id_type_0 = UUID(data)



                return release_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        release_id = _parse_release_id(d.pop("release_id"))


        runs = d.pop("runs")

        sensitive_fields = cast(list[str], d.pop("sensitive_fields"))


        source = d.pop("source")

        started = []
        _started = d.pop("started")
        for started_item_data in (_started):
            started_item = RunOfEvent.from_dict(started_item_data)



            started.append(started_item)


        status = EventStatus(d.pop("status"))




        whole_event = cls(
            attempts=attempts,
            correlation_id=correlation_id,
            dispatched=dispatched,
            employee=employee,
            event_id=event_id,
            event_time=event_time,
            inbox_id=inbox_id,
            kind=kind,
            payload=payload,
            problem=problem,
            received=received,
            release_id=release_id,
            runs=runs,
            sensitive_fields=sensitive_fields,
            source=source,
            started=started,
            status=status,
        )


        whole_event.additional_properties = d
        return whole_event

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
