from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset







T = TypeVar("T", bound="DifferenceShown")



@_attrs_define
class DifferenceShown:
    """ 
        Attributes:
            account (str): Its login.
            connection (str):
            drift (str): leaver: who it is of has left, and it is active; nobody: it belongs to nobody on record; beyond: it
                has what rules give to others alone; untold: it could not be compared.
            employee (str): The HR system's identifier; empty: nobody on record.
            told (str): For people.
     """

    account: str
    connection: str
    drift: str
    employee: str
    told: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        account = self.account

        connection = self.connection

        drift = self.drift

        employee = self.employee

        told = self.told


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "account": account,
            "connection": connection,
            "drift": drift,
            "employee": employee,
            "told": told,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        account = d.pop("account")

        connection = d.pop("connection")

        drift = d.pop("drift")

        employee = d.pop("employee")

        told = d.pop("told")

        difference_shown = cls(
            account=account,
            connection=connection,
            drift=drift,
            employee=employee,
            told=told,
        )


        difference_shown.additional_properties = d
        return difference_shown

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
