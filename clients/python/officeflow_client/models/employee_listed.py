from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.employee_status import EmployeeStatus
from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="EmployeeListed")



@_attrs_define
class EmployeeListed:
    """ 
        Attributes:
            department (None | str):
            employee_id (UUID): Names the person in paths, as `external_id` does.
            end_date (datetime.date | None):
            external_id (str): The HR system's identifier.
            name (None | str): null: not known, or private.
            start_date (datetime.date | None):
            status (EmployeeStatus): `employees.status`.
            work_email (None | str):
     """

    department: None | str
    employee_id: UUID
    end_date: datetime.date | None
    external_id: str
    name: None | str
    start_date: datetime.date | None
    status: EmployeeStatus
    work_email: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        department: None | str
        department = self.department

        employee_id = str(self.employee_id)

        end_date: None | str
        if isinstance(self.end_date, datetime.date):
            end_date = self.end_date.isoformat()
        else:
            end_date = self.end_date

        external_id = self.external_id

        name: None | str
        name = self.name

        start_date: None | str
        if isinstance(self.start_date, datetime.date):
            start_date = self.start_date.isoformat()
        else:
            start_date = self.start_date

        status = self.status.value

        work_email: None | str
        work_email = self.work_email


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "department": department,
            "employee_id": employee_id,
            "end_date": end_date,
            "external_id": external_id,
            "name": name,
            "start_date": start_date,
            "status": status,
            "work_email": work_email,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        def _parse_department(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        department = _parse_department(d.pop("department"))


        employee_id = UUID(d.pop("employee_id"))




        def _parse_end_date(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                end_date_type_0 = datetime.date.fromisoformat(data)



                return end_date_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        end_date = _parse_end_date(d.pop("end_date"))


        external_id = d.pop("external_id")

        def _parse_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        name = _parse_name(d.pop("name"))


        def _parse_start_date(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                start_date_type_0 = datetime.date.fromisoformat(data)



                return start_date_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        start_date = _parse_start_date(d.pop("start_date"))


        status = EmployeeStatus(d.pop("status"))




        def _parse_work_email(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        work_email = _parse_work_email(d.pop("work_email"))


        employee_listed = cls(
            department=department,
            employee_id=employee_id,
            end_date=end_date,
            external_id=external_id,
            name=name,
            start_date=start_date,
            status=status,
            work_email=work_email,
        )


        employee_listed.additional_properties = d
        return employee_listed

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
