from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.changed_fields_fields import ChangedFieldsFields





T = TypeVar("T", bound="ChangedFields")



@_attrs_define
class ChangedFields:
    """ 
        Attributes:
            fields (ChangedFieldsFields): New values by name; null takes one away. Where one of them leads elsewhere, the
                connection's secrets have to be among them; otherwise `rotate` changes credentials.
            check (bool | Unset): Keep it only once the system has answered there. Default: True.
     """

    fields: ChangedFieldsFields
    check: bool | Unset = True





    def to_dict(self) -> dict[str, Any]:
        from ..models.changed_fields_fields import ChangedFieldsFields # noqa: PLC0415
        fields = self.fields.to_dict()

        check = self.check


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "fields": fields,
        })
        if check is not UNSET:
            field_dict["check"] = check

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.changed_fields_fields import ChangedFieldsFields # noqa: PLC0415
        d = dict(src_dict)
        fields = ChangedFieldsFields.from_dict(d.pop("fields"))




        check = d.pop("check", UNSET)

        changed_fields = cls(
            fields=fields,
            check=check,
        )

        return changed_fields

