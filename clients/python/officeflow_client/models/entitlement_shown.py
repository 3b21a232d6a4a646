from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.entitlement_kind import EntitlementKind
from typing import cast






T = TypeVar("T", bound="EntitlementShown")



@_attrs_define
class EntitlementShown:
    """ 
        Attributes:
            connection (str):
            kind (EntitlementKind): What a rule gives; the value names it in the rules.
            name (str): An application's role stands behind it: `crm/editor`.
            rules (list[str]): The names of the rules that say so.
            sensitive (bool): Whether a person is asked before somebody gets it.
     """

    connection: str
    kind: EntitlementKind
    name: str
    rules: list[str]
    sensitive: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        connection = self.connection

        kind = self.kind.value

        name = self.name

        rules = self.rules



        sensitive = self.sensitive


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "connection": connection,
            "kind": kind,
            "name": name,
            "rules": rules,
            "sensitive": sensitive,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        connection = d.pop("connection")

        kind = EntitlementKind(d.pop("kind"))




        name = d.pop("name")

        rules = cast(list[str], d.pop("rules"))


        sensitive = d.pop("sensitive")

        entitlement_shown = cls(
            connection=connection,
            kind=kind,
            name=name,
            rules=rules,
            sensitive=sensitive,
        )


        entitlement_shown.additional_properties = d
        return entitlement_shown

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
