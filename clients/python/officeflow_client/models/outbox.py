from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
import datetime






T = TypeVar("T", bound="Outbox")



@_attrs_define
class Outbox:
    """ Messages of the organization for Kafka.

        Attributes:
            counted_at (datetime.datetime):
            oldest_seconds (float): How long the oldest has waited; 0 where none does.
            set_aside (int): Kafka will never take them as they are.
            waiting (int):
     """

    counted_at: datetime.datetime
    oldest_seconds: float
    set_aside: int
    waiting: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        counted_at = self.counted_at.isoformat()

        oldest_seconds = self.oldest_seconds

        set_aside = self.set_aside

        waiting = self.waiting


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "counted_at": counted_at,
            "oldest_seconds": oldest_seconds,
            "set_aside": set_aside,
            "waiting": waiting,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        counted_at = datetime.datetime.fromisoformat(d.pop("counted_at"))




        oldest_seconds = d.pop("oldest_seconds")

        set_aside = d.pop("set_aside")

        waiting = d.pop("waiting")

        outbox = cls(
            counted_at=counted_at,
            oldest_seconds=oldest_seconds,
            set_aside=set_aside,
            waiting=waiting,
        )


        outbox.additional_properties = d
        return outbox

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
