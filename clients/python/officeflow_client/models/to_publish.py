from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="ToPublish")



@_attrs_define
class ToPublish:
    """ 
        Attributes:
            definition (Any):
            base_version (int | None | Unset): Publish only where this is the newest version still; 0: where there is none.
            why (str | Unset): For the second admin of a protected workflow. Default: ''.
     """

    definition: Any
    base_version: int | None | Unset = UNSET
    why: str | Unset = ''





    def to_dict(self) -> dict[str, Any]:
        definition = self.definition

        base_version: int | None | Unset
        if isinstance(self.base_version, Unset):
            base_version = UNSET
        else:
            base_version = self.base_version

        why = self.why


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "definition": definition,
        })
        if base_version is not UNSET:
            field_dict["base_version"] = base_version
        if why is not UNSET:
            field_dict["why"] = why

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        definition = d.pop("definition")

        def _parse_base_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        base_version = _parse_base_version(d.pop("base_version", UNSET))


        why = d.pop("why", UNSET)

        to_publish = cls(
            definition=definition,
            base_version=base_version,
            why=why,
        )

        return to_publish

