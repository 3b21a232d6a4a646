from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast






T = TypeVar("T", bound="ProviderField")



@_attrs_define
class ProviderField:
    """ 
        Attributes:
            choices (list[str]): All values that there are; empty: any of its kind.
            credential (bool): Whether it says who we are; those are rotated.
            description (str):
            kind (str):
            name (str):
            required (bool):
            secret (bool):
     """

    choices: list[str]
    credential: bool
    description: str
    kind: str
    name: str
    required: bool
    secret: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        choices = self.choices



        credential = self.credential

        description = self.description

        kind = self.kind

        name = self.name

        required = self.required

        secret = self.secret


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "choices": choices,
            "credential": credential,
            "description": description,
            "kind": kind,
            "name": name,
            "required": required,
            "secret": secret,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        choices = cast(list[str], d.pop("choices"))


        credential = d.pop("credential")

        description = d.pop("description")

        kind = d.pop("kind")

        name = d.pop("name")

        required = d.pop("required")

        secret = d.pop("secret")

        provider_field = cls(
            choices=choices,
            credential=credential,
            description=description,
            kind=kind,
            name=name,
            required=required,
            secret=secret,
        )


        provider_field.additional_properties = d
        return provider_field

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
