from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.enough import Enough
from typing import cast






T = TypeVar("T", bound="CapabilityTested")



@_attrs_define
class CapabilityTested:
    """ 
        Attributes:
            capability (str):
            family (str):
            missing (str): By the system's own name for it: a scope, a role, a permission.
            node_types (list[str]): Those that need it.
            state (Enough): Whether a credential is enough for something; CANNOT where the system has no such thing at all.
     """

    capability: str
    family: str
    missing: str
    node_types: list[str]
    state: Enough
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        capability = self.capability

        family = self.family

        missing = self.missing

        node_types = self.node_types



        state = self.state.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "capability": capability,
            "family": family,
            "missing": missing,
            "node_types": node_types,
            "state": state,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        capability = d.pop("capability")

        family = d.pop("family")

        missing = d.pop("missing")

        node_types = cast(list[str], d.pop("node_types"))


        state = Enough(d.pop("state"))




        capability_tested = cls(
            capability=capability,
            family=family,
            missing=missing,
            node_types=node_types,
            state=state,
        )


        capability_tested.additional_properties = d
        return capability_tested

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
