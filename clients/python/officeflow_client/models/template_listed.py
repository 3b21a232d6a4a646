from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast






T = TypeVar("T", bound="TemplateListed")



@_attrs_define
class TemplateListed:
    """ 
        Attributes:
            connections (list[str]): Names of the connections that an organization needs for it.
            description (str):
            name (str):
            node_types (list[str]): Those that it uses.
            tags (list[str]):
            title (str):
     """

    connections: list[str]
    description: str
    name: str
    node_types: list[str]
    tags: list[str]
    title: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        connections = self.connections



        description = self.description

        name = self.name

        node_types = self.node_types



        tags = self.tags



        title = self.title


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "connections": connections,
            "description": description,
            "name": name,
            "node_types": node_types,
            "tags": tags,
            "title": title,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        connections = cast(list[str], d.pop("connections"))


        description = d.pop("description")

        name = d.pop("name")

        node_types = cast(list[str], d.pop("node_types"))


        tags = cast(list[str], d.pop("tags"))


        title = d.pop("title")

        template_listed = cls(
            connections=connections,
            description=description,
            name=name,
            node_types=node_types,
            tags=tags,
            title=title,
        )


        template_listed.additional_properties = d
        return template_listed

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
