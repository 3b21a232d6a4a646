from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.record_details import RecordDetails





T = TypeVar("T", bound="Record")



@_attrs_define
class Record:
    """ 
        Attributes:
            action (str):
            actor (str):
            at (datetime.datetime):
            correlation_id (None | str):
            details (RecordDetails): By the action: docs/audit.md.
            id (UUID):
            mac (None | str): Hexadecimal; who has the chain's key can compute it again.
            number (int | None): In the organization's chain; null: not chained yet.
            previous_mac (None | str):
            subject (str):
     """

    action: str
    actor: str
    at: datetime.datetime
    correlation_id: None | str
    details: RecordDetails
    id: UUID
    mac: None | str
    number: int | None
    previous_mac: None | str
    subject: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.record_details import RecordDetails # noqa: PLC0415
        action = self.action

        actor = self.actor

        at = self.at.isoformat()

        correlation_id: None | str
        correlation_id = self.correlation_id

        details = self.details.to_dict()

        id = str(self.id)

        mac: None | str
        mac = self.mac

        number: int | None
        number = self.number

        previous_mac: None | str
        previous_mac = self.previous_mac

        subject = self.subject


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "action": action,
            "actor": actor,
            "at": at,
            "correlation_id": correlation_id,
            "details": details,
            "id": id,
            "mac": mac,
            "number": number,
            "previous_mac": previous_mac,
            "subject": subject,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.record_details import RecordDetails # noqa: PLC0415
        d = dict(src_dict)
        action = d.pop("action")

        actor = d.pop("actor")

        at = datetime.datetime.fromisoformat(d.pop("at"))




        def _parse_correlation_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        correlation_id = _parse_correlation_id(d.pop("correlation_id"))


        details = RecordDetails.from_dict(d.pop("details"))




        id = UUID(d.pop("id"))




        def _parse_mac(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        mac = _parse_mac(d.pop("mac"))


        def _parse_number(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        number = _parse_number(d.pop("number"))


        def _parse_previous_mac(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        previous_mac = _parse_previous_mac(d.pop("previous_mac"))


        subject = d.pop("subject")

        record = cls(
            action=action,
            actor=actor,
            at=at,
            correlation_id=correlation_id,
            details=details,
            id=id,
            mac=mac,
            number=number,
            previous_mac=previous_mac,
            subject=subject,
        )


        record.additional_properties = d
        return record

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
