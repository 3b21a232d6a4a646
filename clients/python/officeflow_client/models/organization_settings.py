from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast






T = TypeVar("T", bound="OrganizationSettings")



@_attrs_define
class OrganizationSettings:
    """ 
        Attributes:
            empty_text_is_null (bool): Whether empty text in payloads is read as null.
            shown_fields (list[str]): Fields of events' payloads that are shown although no schema names them.
            time_zone (str): IANA name; it counts where a person has none of their own. Empty: UTC.
     """

    empty_text_is_null: bool
    shown_fields: list[str]
    time_zone: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        empty_text_is_null = self.empty_text_is_null

        shown_fields = self.shown_fields



        time_zone = self.time_zone


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "empty_text_is_null": empty_text_is_null,
            "shown_fields": shown_fields,
            "time_zone": time_zone,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        empty_text_is_null = d.pop("empty_text_is_null")

        shown_fields = cast(list[str], d.pop("shown_fields"))


        time_zone = d.pop("time_zone")

        organization_settings = cls(
            empty_text_is_null=empty_text_is_null,
            shown_fields=shown_fields,
            time_zone=time_zone,
        )


        organization_settings.additional_properties = d
        return organization_settings

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
