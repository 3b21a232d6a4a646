from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="DraftContent")



@_attrs_define
class DraftContent:
    """ 
        Attributes:
            content (Any):
            title (str | Unset): Left out: the definition's name. Default: ''.
     """

    content: Any
    title: str | Unset = ''





    def to_dict(self) -> dict[str, Any]:
        content = self.content

        title = self.title


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "content": content,
        })
        if title is not UNSET:
            field_dict["title"] = title

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        content = d.pop("content")

        title = d.pop("title", UNSET)

        draft_content = cls(
            content=content,
            title=title,
        )

        return draft_content

