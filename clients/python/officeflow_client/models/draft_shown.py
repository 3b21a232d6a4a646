from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID
import datetime






T = TypeVar("T", bound="DraftShown")



@_attrs_define
class DraftShown:
    """ 
        Attributes:
            base_version (int | None): The newest version when it was begun.
            draft_id (UUID):
            edited_by (str):
            revision (int):
            slug (None | str): Of the workflow that it will be, where its content says one.
            title (str):
            updated_at (datetime.datetime):
     """

    base_version: int | None
    draft_id: UUID
    edited_by: str
    revision: int
    slug: None | str
    title: str
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        base_version: int | None
        base_version = self.base_version

        draft_id = str(self.draft_id)

        edited_by = self.edited_by

        revision = self.revision

        slug: None | str
        slug = self.slug

        title = self.title

        updated_at = self.updated_at.isoformat()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "base_version": base_version,
            "draft_id": draft_id,
            "edited_by": edited_by,
            "revision": revision,
            "slug": slug,
            "title": title,
            "updated_at": updated_at,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        def _parse_base_version(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        base_version = _parse_base_version(d.pop("base_version"))


        draft_id = UUID(d.pop("draft_id"))




        edited_by = d.pop("edited_by")

        revision = d.pop("revision")

        def _parse_slug(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        slug = _parse_slug(d.pop("slug"))


        title = d.pop("title")

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))




        draft_shown = cls(
            base_version=base_version,
            draft_id=draft_id,
            edited_by=edited_by,
            revision=revision,
            slug=slug,
            title=title,
            updated_at=updated_at,
        )


        draft_shown.additional_properties = d
        return draft_shown

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
