from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.employee_status import EmployeeStatus
from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.employee_shown_fields import EmployeeShownFields





T = TypeVar("T", bound="EmployeeShown")



@_attrs_define
class EmployeeShown:
    """ 
        Attributes:
            employee_id (UUID):
            external_id (str):
            fields (EmployeeShownFields): What events told, by the fields' names; `(sensitive)` where it is sensitive.
            status (EmployeeStatus): `employees.status`.
     """

    employee_id: UUID
    external_id: str
    fields: EmployeeShownFields
    status: EmployeeStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.employee_shown_fields import EmployeeShownFields # noqa: PLC0415
        employee_id = str(self.employee_id)

        external_id = self.external_id

        fields = self.fields.to_dict()

        status = self.status.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "employee_id": employee_id,
            "external_id": external_id,
            "fields": fields,
            "status": status,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.employee_shown_fields import EmployeeShownFields # noqa: PLC0415
        d = dict(src_dict)
        employee_id = UUID(d.pop("employee_id"))




        external_id = d.pop("external_id")

        fields = EmployeeShownFields.from_dict(d.pop("fields"))




        status = EmployeeStatus(d.pop("status"))




        employee_shown = cls(
            employee_id=employee_id,
            external_id=external_id,
            fields=fields,
            status=status,
        )


        employee_shown.additional_properties = d
        return employee_shown

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
