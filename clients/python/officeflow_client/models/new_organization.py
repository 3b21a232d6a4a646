from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="NewOrganization")



@_attrs_define
class NewOrganization:
    """ 
        Attributes:
            domain (str): Its internet domain, such as example.com.
            name (str):
            slug (str): Names it for good: a-z, 0-9 and single hyphens, a letter first.
            plan (str | Unset):  Default: 'standard'.
     """

    domain: str
    name: str
    slug: str
    plan: str | Unset = 'standard'





    def to_dict(self) -> dict[str, Any]:
        domain = self.domain

        name = self.name

        slug = self.slug

        plan = self.plan


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "domain": domain,
            "name": name,
            "slug": slug,
        })
        if plan is not UNSET:
            field_dict["plan"] = plan

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        domain = d.pop("domain")

        name = d.pop("name")

        slug = d.pop("slug")

        plan = d.pop("plan", UNSET)

        new_organization = cls(
            domain=domain,
            name=name,
            slug=slug,
            plan=plan,
        )

        return new_organization

