from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.open_runs import OpenRuns





T = TypeVar("T", bound="OfNowOpenRuns")



@_attrs_define
class OfNowOpenRuns:
    """ 
        Attributes:
            counted_at (datetime.datetime):
            items (list[OpenRuns]):
     """

    counted_at: datetime.datetime
    items: list[OpenRuns]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.open_runs import OpenRuns # noqa: PLC0415
        counted_at = self.counted_at.isoformat()

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "counted_at": counted_at,
            "items": items,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.open_runs import OpenRuns # noqa: PLC0415
        d = dict(src_dict)
        counted_at = datetime.datetime.fromisoformat(d.pop("counted_at"))




        items = []
        _items = d.pop("items")
        for items_item_data in (_items):
            items_item = OpenRuns.from_dict(items_item_data)



            items.append(items_item)


        of_now_open_runs = cls(
            counted_at=counted_at,
            items=items,
        )


        of_now_open_runs.additional_properties = d
        return of_now_open_runs

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
