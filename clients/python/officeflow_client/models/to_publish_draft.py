from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="ToPublishDraft")



@_attrs_define
class ToPublishDraft:
    """ 
        Attributes:
            why (str | Unset): For the second admin of a protected workflow. Default: ''.
     """

    why: str | Unset = ''





    def to_dict(self) -> dict[str, Any]:
        why = self.why


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if why is not UNSET:
            field_dict["why"] = why

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        why = d.pop("why", UNSET)

        to_publish_draft = cls(
            why=why,
        )

        return to_publish_draft

