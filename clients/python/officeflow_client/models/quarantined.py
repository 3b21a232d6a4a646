from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.refusal_reason import RefusalReason
from typing import cast
import datetime






T = TypeVar("T", bound="Quarantined")



@_attrs_define
class Quarantined:
    """ 
        Attributes:
            day (datetime.date):
            messages (int):
            reason (RefusalReason): `dead_letters.reason`: why a message could not be taken, for people in
                `events.quarantine.REASONS`.
     """

    day: datetime.date
    messages: int
    reason: RefusalReason
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        day = self.day.isoformat()

        messages = self.messages

        reason = self.reason.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "day": day,
            "messages": messages,
            "reason": reason,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        day = datetime.date.fromisoformat(d.pop("day"))




        messages = d.pop("messages")

        reason = RefusalReason(d.pop("reason"))




        quarantined = cls(
            day=day,
            messages=messages,
            reason=reason,
        )


        quarantined.additional_properties = d
        return quarantined

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
