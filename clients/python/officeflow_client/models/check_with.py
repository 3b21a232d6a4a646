from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.check_with_fields import CheckWithFields





T = TypeVar("T", bound="CheckWith")



@_attrs_define
class CheckWith:
    """ 
        Attributes:
            fields (CheckWithFields | Unset): Secrets once more, since nobody can read those that are kept.
     """

    fields: CheckWithFields | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.check_with_fields import CheckWithFields # noqa: PLC0415
        fields: dict[str, Any] | Unset = UNSET
        if not isinstance(self.fields, Unset):
            fields = self.fields.to_dict()


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if fields is not UNSET:
            field_dict["fields"] = fields

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.check_with_fields import CheckWithFields # noqa: PLC0415
        d = dict(src_dict)
        _fields = d.pop("fields", UNSET)
        fields: CheckWithFields | Unset
        if isinstance(_fields,  Unset):
            fields = UNSET
        else:
            fields = CheckWithFields.from_dict(_fields)




        check_with = cls(
            fields=fields,
        )

        return check_with

