from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.failed import Failed





T = TypeVar("T", bound="OfDaysFailed")



@_attrs_define
class OfDaysFailed:
    """ 
        Attributes:
            counted_at (datetime.datetime):
            first (datetime.date):
            items (list[Failed]):
            last (datetime.date):
            time_zone (str):
     """

    counted_at: datetime.datetime
    first: datetime.date
    items: list[Failed]
    last: datetime.date
    time_zone: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.failed import Failed # noqa: PLC0415
        counted_at = self.counted_at.isoformat()

        first = self.first.isoformat()

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)



        last = self.last.isoformat()

        time_zone = self.time_zone


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "counted_at": counted_at,
            "first": first,
            "items": items,
            "last": last,
            "time_zone": time_zone,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.failed import Failed # noqa: PLC0415
        d = dict(src_dict)
        counted_at = datetime.datetime.fromisoformat(d.pop("counted_at"))




        first = datetime.date.fromisoformat(d.pop("first"))




        items = []
        _items = d.pop("items")
        for items_item_data in (_items):
            items_item = Failed.from_dict(items_item_data)



            items.append(items_item)


        last = datetime.date.fromisoformat(d.pop("last"))




        time_zone = d.pop("time_zone")

        of_days_failed = cls(
            counted_at=counted_at,
            first=first,
            items=items,
            last=last,
            time_zone=time_zone,
        )


        of_days_failed.additional_properties = d
        return of_days_failed

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
