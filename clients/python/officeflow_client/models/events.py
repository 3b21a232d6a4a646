from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.came import Came
  from ..models.quarantined import Quarantined





T = TypeVar("T", bound="Events")



@_attrs_define
class Events:
    """ 
        Attributes:
            counted_at (datetime.datetime):
            first (datetime.date):
            items (list[Came]):
            last (datetime.date):
            quarantined (list[Quarantined]): Messages on the organization's topics that could not be taken.
            time_zone (str):
     """

    counted_at: datetime.datetime
    first: datetime.date
    items: list[Came]
    last: datetime.date
    quarantined: list[Quarantined]
    time_zone: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.came import Came # noqa: PLC0415
        from ..models.quarantined import Quarantined # noqa: PLC0415
        counted_at = self.counted_at.isoformat()

        first = self.first.isoformat()

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)



        last = self.last.isoformat()

        quarantined = []
        for quarantined_item_data in self.quarantined:
            quarantined_item = quarantined_item_data.to_dict()
            quarantined.append(quarantined_item)



        time_zone = self.time_zone


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "counted_at": counted_at,
            "first": first,
            "items": items,
            "last": last,
            "quarantined": quarantined,
            "time_zone": time_zone,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.came import Came # noqa: PLC0415
        from ..models.quarantined import Quarantined # noqa: PLC0415
        d = dict(src_dict)
        counted_at = datetime.datetime.fromisoformat(d.pop("counted_at"))




        first = datetime.date.fromisoformat(d.pop("first"))




        items = []
        _items = d.pop("items")
        for items_item_data in (_items):
            items_item = Came.from_dict(items_item_data)



            items.append(items_item)


        last = datetime.date.fromisoformat(d.pop("last"))




        quarantined = []
        _quarantined = d.pop("quarantined")
        for quarantined_item_data in (_quarantined):
            quarantined_item = Quarantined.from_dict(quarantined_item_data)



            quarantined.append(quarantined_item)


        time_zone = d.pop("time_zone")

        events = cls(
            counted_at=counted_at,
            first=first,
            items=items,
            last=last,
            quarantined=quarantined,
            time_zone=time_zone,
        )


        events.additional_properties = d
        return events

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
