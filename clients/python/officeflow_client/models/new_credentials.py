from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.new_credentials_fields import NewCredentialsFields





T = TypeVar("T", bound="NewCredentials")



@_attrs_define
class NewCredentials:
    """ 
        Attributes:
            fields (NewCredentialsFields): New credentials, with every secret that the connection has.
     """

    fields: NewCredentialsFields





    def to_dict(self) -> dict[str, Any]:
        from ..models.new_credentials_fields import NewCredentialsFields # noqa: PLC0415
        fields = self.fields.to_dict()


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "fields": fields,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_credentials_fields import NewCredentialsFields # noqa: PLC0415
        d = dict(src_dict)
        fields = NewCredentialsFields.from_dict(d.pop("fields"))




        new_credentials = cls(
            fields=fields,
        )

        return new_credentials

