from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.role import Role
from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="NewUser")



@_attrs_define
class NewUser:
    """ 
        Attributes:
            email (str):
            name (str):
            role (Role): What a user of an organization may be, the strongest first.
            airflow_login (None | str | Unset): The account at Airflow that is this person's.
     """

    email: str
    name: str
    role: Role
    airflow_login: None | str | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        email = self.email

        name = self.name

        role = self.role.value

        airflow_login: None | str | Unset
        if isinstance(self.airflow_login, Unset):
            airflow_login = UNSET
        else:
            airflow_login = self.airflow_login


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "email": email,
            "name": name,
            "role": role,
        })
        if airflow_login is not UNSET:
            field_dict["airflow_login"] = airflow_login

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        name = d.pop("name")

        role = Role(d.pop("role"))




        def _parse_airflow_login(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        airflow_login = _parse_airflow_login(d.pop("airflow_login", UNSET))


        new_user = cls(
            email=email,
            name=name,
            role=role,
            airflow_login=airflow_login,
        )

        return new_user

