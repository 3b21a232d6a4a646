from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.event_status import EventStatus
from typing import cast
import datetime






T = TypeVar("T", bound="Came")



@_attrs_define
class Came:
    """ 
        Attributes:
            day (datetime.date):
            events (int):
            status (EventStatus): `inbox_events.status`.

                DISPATCHED: its runs exist. IGNORED: no workflow wanted it. HELD: it is one of a mass that a second person
                has to release. REFUSED: one of those that were not released; it starts nothing.
     """

    day: datetime.date
    events: int
    status: EventStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        day = self.day.isoformat()

        events = self.events

        status = self.status.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "day": day,
            "events": events,
            "status": status,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        day = datetime.date.fromisoformat(d.pop("day"))




        events = d.pop("events")

        status = EventStatus(d.pop("status"))




        came = cls(
            day=day,
            events=events,
            status=status,
        )


        came.additional_properties = d
        return came

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
