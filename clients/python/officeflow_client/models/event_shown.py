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






T = TypeVar("T", bound="EventShown")



@_attrs_define
class EventShown:
    """ 
        Attributes:
            correlation_id (str):
            employee (str):
            event_id (str):
            event_time (datetime.datetime):
            inbox_id (UUID):
            kind (str):
            problem (None | str):
            received (datetime.datetime):
            release_id (None | UUID): The release of the mass that it is part of.
            runs (int):
            source (str):
            status (EventStatus): `inbox_events.status`.

                DISPATCHED: its runs exist. IGNORED: no workflow wanted it. HELD: it is one of a mass that a second person
                has to release. REFUSED: one of those that were not released; it starts nothing.
     """

    correlation_id: str
    employee: str
    event_id: str
    event_time: datetime.datetime
    inbox_id: UUID
    kind: str
    problem: None | str
    received: datetime.datetime
    release_id: None | UUID
    runs: int
    source: str
    status: EventStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        correlation_id = self.correlation_id

        employee = self.employee

        event_id = self.event_id

        event_time = self.event_time.isoformat()

        inbox_id = str(self.inbox_id)

        kind = self.kind

        problem: None | str
        problem = self.problem

        received = self.received.isoformat()

        release_id: None | str
        if isinstance(self.release_id, UUID):
            release_id = str(self.release_id)
        else:
            release_id = self.release_id

        runs = self.runs

        source = self.source

        status = self.status.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "correlation_id": correlation_id,
            "employee": employee,
            "event_id": event_id,
            "event_time": event_time,
            "inbox_id": inbox_id,
            "kind": kind,
            "problem": problem,
            "received": received,
            "release_id": release_id,
            "runs": runs,
            "source": source,
            "status": status,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        correlation_id = d.pop("correlation_id")

        employee = d.pop("employee")

        event_id = d.pop("event_id")

        event_time = datetime.datetime.fromisoformat(d.pop("event_time"))




        inbox_id = UUID(d.pop("inbox_id"))




        kind = d.pop("kind")

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

        source = d.pop("source")

        status = EventStatus(d.pop("status"))




        event_shown = cls(
            correlation_id=correlation_id,
            employee=employee,
            event_id=event_id,
            event_time=event_time,
            inbox_id=inbox_id,
            kind=kind,
            problem=problem,
            received=received,
            release_id=release_id,
            runs=runs,
            source=source,
            status=status,
        )


        event_shown.additional_properties = d
        return event_shown

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
