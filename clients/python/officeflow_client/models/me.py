from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.membership import Membership





T = TypeVar("T", bound="Me")



@_attrs_define
class Me:
    """ 
        Attributes:
            actor (str): As the audit log names who acts.
            is_platform_admin (bool):
            login (str): The account at Airflow; empty for a service account.
            organizations (list[Membership]):
     """

    actor: str
    is_platform_admin: bool
    login: str
    organizations: list[Membership]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.membership import Membership # noqa: PLC0415
        actor = self.actor

        is_platform_admin = self.is_platform_admin

        login = self.login

        organizations = []
        for organizations_item_data in self.organizations:
            organizations_item = organizations_item_data.to_dict()
            organizations.append(organizations_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "actor": actor,
            "is_platform_admin": is_platform_admin,
            "login": login,
            "organizations": organizations,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.membership import Membership # noqa: PLC0415
        d = dict(src_dict)
        actor = d.pop("actor")

        is_platform_admin = d.pop("is_platform_admin")

        login = d.pop("login")

        organizations = []
        _organizations = d.pop("organizations")
        for organizations_item_data in (_organizations):
            organizations_item = Membership.from_dict(organizations_item_data)



            organizations.append(organizations_item)


        me = cls(
            actor=actor,
            is_platform_admin=is_platform_admin,
            login=login,
            organizations=organizations,
        )


        me.additional_properties = d
        return me

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
