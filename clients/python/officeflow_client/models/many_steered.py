from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.one_steered import OneSteered





T = TypeVar("T", bound="ManySteered")



@_attrs_define
class ManySteered:
    """ What became of each; one that was refused kept no other from it.

        Attributes:
            already (int):
            done (int):
            items (list[OneSteered]):
            refused (int):
     """

    already: int
    done: int
    items: list[OneSteered]
    refused: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.one_steered import OneSteered # noqa: PLC0415
        already = self.already

        done = self.done

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)



        refused = self.refused


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "already": already,
            "done": done,
            "items": items,
            "refused": refused,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.one_steered import OneSteered # noqa: PLC0415
        d = dict(src_dict)
        already = d.pop("already")

        done = d.pop("done")

        items = []
        _items = d.pop("items")
        for items_item_data in (_items):
            items_item = OneSteered.from_dict(items_item_data)



            items.append(items_item)


        refused = d.pop("refused")

        many_steered = cls(
            already=already,
            done=done,
            items=items,
            refused=refused,
        )


        many_steered.additional_properties = d
        return many_steered

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
