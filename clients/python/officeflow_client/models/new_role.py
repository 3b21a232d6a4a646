from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.role import Role






T = TypeVar("T", bound="NewRole")



@_attrs_define
class NewRole:
    """ 
        Attributes:
            role (Role): What a user of an organization may be, the strongest first.
            why (str): The reason, for the audit log.
     """

    role: Role
    why: str





    def to_dict(self) -> dict[str, Any]:
        role = self.role.value

        why = self.why


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "role": role,
            "why": why,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        role = Role(d.pop("role"))




        why = d.pop("why")

        new_role = cls(
            role=role,
            why=why,
        )

        return new_role

