from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.capability import Capability
from ..models.family import Family
from typing import cast

if TYPE_CHECKING:
  from ..models.provider_field import ProviderField





T = TypeVar("T", bound="ProviderShown")



@_attrs_define
class ProviderShown:
    """ 
        Attributes:
            about (str): In Markdown.
            capabilities (list[Capability]):
            families (list[Family]):
            fields (list[ProviderField]):
            name (str):
            title (str):
     """

    about: str
    capabilities: list[Capability]
    families: list[Family]
    fields: list[ProviderField]
    name: str
    title: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.provider_field import ProviderField # noqa: PLC0415
        about = self.about

        capabilities = []
        for capabilities_item_data in self.capabilities:
            capabilities_item = capabilities_item_data.value
            capabilities.append(capabilities_item)



        families = []
        for families_item_data in self.families:
            families_item = families_item_data.value
            families.append(families_item)



        fields = []
        for fields_item_data in self.fields:
            fields_item = fields_item_data.to_dict()
            fields.append(fields_item)



        name = self.name

        title = self.title


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "about": about,
            "capabilities": capabilities,
            "families": families,
            "fields": fields,
            "name": name,
            "title": title,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.provider_field import ProviderField # noqa: PLC0415
        d = dict(src_dict)
        about = d.pop("about")

        capabilities = []
        _capabilities = d.pop("capabilities")
        for capabilities_item_data in (_capabilities):
            capabilities_item = Capability(capabilities_item_data)



            capabilities.append(capabilities_item)


        families = []
        _families = d.pop("families")
        for families_item_data in (_families):
            families_item = Family(families_item_data)



            families.append(families_item)


        fields = []
        _fields = d.pop("fields")
        for fields_item_data in (_fields):
            fields_item = ProviderField.from_dict(fields_item_data)



            fields.append(fields_item)


        name = d.pop("name")

        title = d.pop("title")

        provider_shown = cls(
            about=about,
            capabilities=capabilities,
            families=families,
            fields=fields,
            name=name,
            title=title,
        )


        provider_shown.additional_properties = d
        return provider_shown

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
