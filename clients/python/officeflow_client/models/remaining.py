from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="Remaining")



@_attrs_define
class Remaining:
    """ An act that was not taken back.

        Attributes:
            did (str | Unset):  Default: ''.
            kind (str | Unset):  Default: ''.
            map_index (int | Unset):  Default: -1.
            node (str | Unset):  Default: ''.
            run (str | Unset): The called run that it is of; empty: this one. Default: ''.
            type_ (str | Unset):  Default: ''.
            why (str | Unset):  Default: ''.
     """

    did: str | Unset = ''
    kind: str | Unset = ''
    map_index: int | Unset = -1
    node: str | Unset = ''
    run: str | Unset = ''
    type_: str | Unset = ''
    why: str | Unset = ''
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        did = self.did

        kind = self.kind

        map_index = self.map_index

        node = self.node

        run = self.run

        type_ = self.type_

        why = self.why


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
        })
        if did is not UNSET:
            field_dict["did"] = did
        if kind is not UNSET:
            field_dict["kind"] = kind
        if map_index is not UNSET:
            field_dict["map_index"] = map_index
        if node is not UNSET:
            field_dict["node"] = node
        if run is not UNSET:
            field_dict["run"] = run
        if type_ is not UNSET:
            field_dict["type"] = type_
        if why is not UNSET:
            field_dict["why"] = why

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        did = d.pop("did", UNSET)

        kind = d.pop("kind", UNSET)

        map_index = d.pop("map_index", UNSET)

        node = d.pop("node", UNSET)

        run = d.pop("run", UNSET)

        type_ = d.pop("type", UNSET)

        why = d.pop("why", UNSET)

        remaining = cls(
            did=did,
            kind=kind,
            map_index=map_index,
            node=node,
            run=run,
            type_=type_,
            why=why,
        )


        remaining.additional_properties = d
        return remaining

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
