from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.template_shown_definition import TemplateShownDefinition





T = TypeVar("T", bound="TemplateShown")



@_attrs_define
class TemplateShown:
    """ 
        Attributes:
            connections (list[str]): Names of the connections that an organization needs for it.
            definition (TemplateShownDefinition): A whole workflow, as it would be published.
            description (str):
            name (str):
            node_types (list[str]): Those that it uses.
            tags (list[str]):
            title (str):
     """

    connections: list[str]
    definition: TemplateShownDefinition
    description: str
    name: str
    node_types: list[str]
    tags: list[str]
    title: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.template_shown_definition import TemplateShownDefinition # noqa: PLC0415
        connections = self.connections



        definition = self.definition.to_dict()

        description = self.description

        name = self.name

        node_types = self.node_types



        tags = self.tags



        title = self.title


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "connections": connections,
            "definition": definition,
            "description": description,
            "name": name,
            "node_types": node_types,
            "tags": tags,
            "title": title,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.template_shown_definition import TemplateShownDefinition # noqa: PLC0415
        d = dict(src_dict)
        connections = cast(list[str], d.pop("connections"))


        definition = TemplateShownDefinition.from_dict(d.pop("definition"))




        description = d.pop("description")

        name = d.pop("name")

        node_types = cast(list[str], d.pop("node_types"))


        tags = cast(list[str], d.pop("tags"))


        title = d.pop("title")

        template_shown = cls(
            connections=connections,
            definition=definition,
            description=description,
            name=name,
            node_types=node_types,
            tags=tags,
            title=title,
        )


        template_shown.additional_properties = d
        return template_shown

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
