from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.new_connection_fields import NewConnectionFields





T = TypeVar("T", bound="NewConnection")



@_attrs_define
class NewConnection:
    """ 
        Attributes:
            fields (NewConnectionFields): By the names that `/providers` tells.
            name (str): By which workflows name it: a-z, 0-9 and single hyphens.
            provider (str): One of `/providers`.
            check (bool | Unset): Keep it only once the system has answered and let us in. Default: True.
            description (str | Unset):  Default: ''.
     """

    fields: NewConnectionFields
    name: str
    provider: str
    check: bool | Unset = True
    description: str | Unset = ''





    def to_dict(self) -> dict[str, Any]:
        from ..models.new_connection_fields import NewConnectionFields # noqa: PLC0415
        fields = self.fields.to_dict()

        name = self.name

        provider = self.provider

        check = self.check

        description = self.description


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "fields": fields,
            "name": name,
            "provider": provider,
        })
        if check is not UNSET:
            field_dict["check"] = check
        if description is not UNSET:
            field_dict["description"] = description

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_connection_fields import NewConnectionFields # noqa: PLC0415
        d = dict(src_dict)
        fields = NewConnectionFields.from_dict(d.pop("fields"))




        name = d.pop("name")

        provider = d.pop("provider")

        check = d.pop("check", UNSET)

        description = d.pop("description", UNSET)

        new_connection = cls(
            fields=fields,
            name=name,
            provider=provider,
            check=check,
            description=description,
        )

        return new_connection

