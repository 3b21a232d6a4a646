from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.start_payload import StartPayload





T = TypeVar("T", bound="Start")



@_attrs_define
class Start:
    """ A run by hand. The fields are those of a lifecycle event's form.

        Attributes:
            employee (str): The HR system's identifier, or the work address.
            why (str): The reason, for the audit log.
            workflow (str): Its slug.
            id (str | Unset): Under the same id there is one run. Default: ''.
            kind (None | str | Unset): Needed where the workflow starts on several kinds of events.
            payload (StartPayload | Unset): As the kind's schema has it.
            time (datetime.datetime | None | Unset): Of the event; now where it is left out.
     """

    employee: str
    why: str
    workflow: str
    id: str | Unset = ''
    kind: None | str | Unset = UNSET
    payload: StartPayload | Unset = UNSET
    time: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.start_payload import StartPayload # noqa: PLC0415
        employee = self.employee

        why = self.why

        workflow = self.workflow

        id = self.id

        kind: None | str | Unset
        if isinstance(self.kind, Unset):
            kind = UNSET
        else:
            kind = self.kind

        payload: dict[str, Any] | Unset = UNSET
        if not isinstance(self.payload, Unset):
            payload = self.payload.to_dict()

        time: None | str | Unset
        if isinstance(self.time, Unset):
            time = UNSET
        elif isinstance(self.time, datetime.datetime):
            time = self.time.isoformat()
        else:
            time = self.time


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "employee": employee,
            "why": why,
            "workflow": workflow,
        })
        if id is not UNSET:
            field_dict["id"] = id
        if kind is not UNSET:
            field_dict["kind"] = kind
        if payload is not UNSET:
            field_dict["payload"] = payload
        if time is not UNSET:
            field_dict["time"] = time

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.start_payload import StartPayload # noqa: PLC0415
        d = dict(src_dict)
        employee = d.pop("employee")

        why = d.pop("why")

        workflow = d.pop("workflow")

        id = d.pop("id", UNSET)

        def _parse_kind(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        kind = _parse_kind(d.pop("kind", UNSET))


        _payload = d.pop("payload", UNSET)
        payload: StartPayload | Unset
        if isinstance(_payload,  Unset):
            payload = UNSET
        else:
            payload = StartPayload.from_dict(_payload)




        def _parse_time(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                time_type_0 = datetime.datetime.fromisoformat(data)



                return time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        time = _parse_time(d.pop("time", UNSET))


        start = cls(
            employee=employee,
            why=why,
            workflow=workflow,
            id=id,
            kind=kind,
            payload=payload,
            time=time,
        )


        start.additional_properties = d
        return start

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
