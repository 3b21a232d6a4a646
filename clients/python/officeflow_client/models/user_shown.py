from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.role import Role
from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="UserShown")



@_attrs_define
class UserShown:
    """ 
        Attributes:
            active (bool): Otherwise they may do nothing, whatever their role.
            airflow_login (None | str): The account at Airflow that is this person's.
            created_at (datetime.datetime):
            email (str):
            name (str):
            role (Role): What a user of an organization may be, the strongest first.
            user_id (UUID):
     """

    active: bool
    airflow_login: None | str
    created_at: datetime.datetime
    email: str
    name: str
    role: Role
    user_id: UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        active = self.active

        airflow_login: None | str
        airflow_login = self.airflow_login

        created_at = self.created_at.isoformat()

        email = self.email

        name = self.name

        role = self.role.value

        user_id = str(self.user_id)


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "active": active,
            "airflow_login": airflow_login,
            "created_at": created_at,
            "email": email,
            "name": name,
            "role": role,
            "user_id": user_id,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        active = d.pop("active")

        def _parse_airflow_login(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        airflow_login = _parse_airflow_login(d.pop("airflow_login"))


        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))




        email = d.pop("email")

        name = d.pop("name")

        role = Role(d.pop("role"))




        user_id = UUID(d.pop("user_id"))




        user_shown = cls(
            active=active,
            airflow_login=airflow_login,
            created_at=created_at,
            email=email,
            name=name,
            role=role,
            user_id=user_id,
        )


        user_shown.additional_properties = d
        return user_shown

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
