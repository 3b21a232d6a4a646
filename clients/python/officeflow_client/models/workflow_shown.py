from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
import datetime






T = TypeVar("T", bound="WorkflowShown")



@_attrs_define
class WorkflowShown:
    """ 
        Attributes:
            active (bool): Otherwise no event starts it.
            name (str):
            protected (bool): A second admin releases what is published to it.
            slug (str):
            trigger (list[str]): The kinds of events that start it.
            updated (datetime.datetime):
            version (int): The newest.
     """

    active: bool
    name: str
    protected: bool
    slug: str
    trigger: list[str]
    updated: datetime.datetime
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        active = self.active

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
        d = dict(src_dict)
        active = d.pop("active")

        name = d.pop("name")

        protected = d.pop("protected")

        slug = d.pop("slug")

        trigger = cast(list[str], d.pop("trigger"))


        updated = datetime.datetime.fromisoformat(d.pop("updated"))




        version = d.pop("version")

        workflow_shown = cls(
            active=active,
            name=name,
            protected=protected,
            slug=slug,
            trigger=trigger,
            updated=updated,
            version=version,
        )


        workflow_shown.additional_properties = d
        return workflow_shown

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
