from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.new_employee_fields import NewEmployeeFields





T = TypeVar("T", bound="NewEmployee")



@_attrs_define
class NewEmployee:
    """ 
        Attributes:
            external_id (str): The HR system's identifier.
            fields (NewEmployeeFields | Unset): As in an event's payload.
     """

    external_id: str
    fields: NewEmployeeFields | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.new_employee_fields import NewEmployeeFields # noqa: PLC0415
        external_id = self.external_id

        fields: dict[str, Any] | Unset = UNSET
        if not isinstance(self.fields, Unset):
            fields = self.fields.to_dict()


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "external_id": external_id,
        })
        if fields is not UNSET:
            field_dict["fields"] = fields

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_employee_fields import NewEmployeeFields # noqa: PLC0415
        d = dict(src_dict)
        external_id = d.pop("external_id")

        _fields = d.pop("fields", UNSET)
        fields: NewEmployeeFields | Unset
        if isinstance(_fields,  Unset):
            fields = UNSET
        else:
            fields = NewEmployeeFields.from_dict(_fields)




        new_employee = cls(
            external_id=external_id,
            fields=fields,
        )

        return new_employee

