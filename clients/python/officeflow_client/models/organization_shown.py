from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from uuid import UUID






T = TypeVar("T", bound="OrganizationShown")



@_attrs_define
class OrganizationShown:
    """ 
        Attributes:
            domain (str):
            name (str):
            org_id (UUID):
            plan (str):
            slug (str):
     """

    domain: str
    name: str
    org_id: UUID
    plan: str
    slug: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        domain = self.domain

        name = self.name

        org_id = str(self.org_id)

        plan = self.plan

        slug = self.slug


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "domain": domain,
            "name": name,
            "org_id": org_id,
            "plan": plan,
            "slug": slug,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        domain = d.pop("domain")

        name = d.pop("name")

        org_id = UUID(d.pop("org_id"))




        plan = d.pop("plan")

        slug = d.pop("slug")

        organization_shown = cls(
            domain=domain,
            name=name,
            org_id=org_id,
            plan=plan,
            slug=slug,
        )


        organization_shown.additional_properties = d
        return organization_shown

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
