from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.entitlement_shown import EntitlementShown





T = TypeVar("T", bound="Deserved")



@_attrs_define
class Deserved:
    """ 
        Attributes:
            employee (str): The HR system's identifier.
            entitlements (list[EntitlementShown]):
            has_left (bool): Then nothing is theirs.
            version (int): Of the rules.
     """

    employee: str
    entitlements: list[EntitlementShown]
    has_left: bool
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.entitlement_shown import EntitlementShown # noqa: PLC0415
        employee = self.employee

        entitlements = []
        for entitlements_item_data in self.entitlements:
            entitlements_item = entitlements_item_data.to_dict()
            entitlements.append(entitlements_item)



        has_left = self.has_left

        version = self.version


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "employee": employee,
            "entitlements": entitlements,
            "has_left": has_left,
            "version": version,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.entitlement_shown import EntitlementShown # noqa: PLC0415
        d = dict(src_dict)
        employee = d.pop("employee")

        entitlements = []
        _entitlements = d.pop("entitlements")
        for entitlements_item_data in (_entitlements):
            entitlements_item = EntitlementShown.from_dict(entitlements_item_data)



            entitlements.append(entitlements_item)


        has_left = d.pop("has_left")

        version = d.pop("version")

        deserved = cls(
            employee=employee,
            entitlements=entitlements,
            has_left=has_left,
            version=version,
        )


        deserved.additional_properties = d
        return deserved

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
