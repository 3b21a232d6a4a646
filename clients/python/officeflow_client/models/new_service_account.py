from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.role import Role
from ..types import UNSET, Unset






T = TypeVar("T", bound="NewServiceAccount")



@_attrs_define
class NewServiceAccount:
    """ 
        Attributes:
            name (str): a-z, 0-9 and single hyphens, a letter first; the audit log has it.
            role (Role): What a user of an organization may be, the strongest first.
            description (str | Unset):  Default: ''.
     """

    name: str
    role: Role
    description: str | Unset = ''





    def to_dict(self) -> dict[str, Any]:
        name = self.name

        role = self.role.value

        description = self.description


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "name": name,
            "role": role,
        })
        if description is not UNSET:
            field_dict["description"] = description

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        role = Role(d.pop("role"))




        description = d.pop("description", UNSET)

        new_service_account = cls(
            name=name,
            role=role,
            description=description,
        )

        return new_service_account

