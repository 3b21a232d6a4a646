from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.definition import Definition





T = TypeVar("T", bound="WholeWorkflow")



@_attrs_define
class WholeWorkflow:
    """ 
        Attributes:
            active (bool): Otherwise no event starts it.
            definition (Definition): A whole workflow.

                A node runs when at least one of its incoming edges is taken and none of their sources failed.
            name (str):
            protected (bool): A second admin releases what is published to it.
            slug (str):
            trigger (list[str]): The kinds of events that start it.
            updated (datetime.datetime):
            version (int): The newest.
     """

    active: bool
    definition: Definition
    name: str
    protected: bool
    slug: str
    trigger: list[str]
    updated: datetime.datetime
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.definition import Definition # noqa: PLC0415
        active = self.active

        definition = self.definition.to_dict()

        name = self.name

        protected = self.protected

        slug = self.slug

        trigger = self.trigger



        updated = self.updated.isoformat()

        version = self.version


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "active": active,
            "definition": definition,
            "name": name,
            "protected": protected,
            "slug": slug,
            "trigger": trigger,
            "updated": updated,
            "version": version,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.definition import Definition # noqa: PLC0415
        d = dict(src_dict)
        active = d.pop("active")

        definition = Definition.from_dict(d.pop("definition"))




        name = d.pop("name")

        protected = d.pop("protected")

        slug = d.pop("slug")

        trigger = cast(list[str], d.pop("trigger"))


        updated = datetime.datetime.fromisoformat(d.pop("updated"))




        version = d.pop("version")

        whole_workflow = cls(
            active=active,
            definition=definition,
            name=name,
            protected=protected,
            slug=slug,
            trigger=trigger,
            updated=updated,
            version=version,
        )


        whole_workflow.additional_properties = d
        return whole_workflow

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
