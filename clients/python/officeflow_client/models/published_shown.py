from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast






T = TypeVar("T", bound="PublishedShown")



@_attrs_define
class PublishedShown:
    """ 200: Airflow runs it. 202: it is published and Airflow will run it soon, or (`release`) nothing is
    published yet.

        Attributes:
            changed (bool): false where the newest version says the same already.
            content_hash (str):
            dag_id (str):
            message (str):
            ready (bool): Airflow runs this version.
            release (None | str): Nothing was published: this release waits for another admin.
            slug (str):
            version (int):
     """

    changed: bool
    content_hash: str
    dag_id: str
    message: str
    ready: bool
    release: None | str
    slug: str
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        changed = self.changed

        content_hash = self.content_hash

        dag_id = self.dag_id

        message = self.message

        ready = self.ready

        release: None | str
        release = self.release

        slug = self.slug

        version = self.version


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "changed": changed,
            "content_hash": content_hash,
            "dag_id": dag_id,
            "message": message,
            "ready": ready,
            "release": release,
            "slug": slug,
            "version": version,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        changed = d.pop("changed")

        content_hash = d.pop("content_hash")

        dag_id = d.pop("dag_id")

        message = d.pop("message")

        ready = d.pop("ready")

        def _parse_release(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        release = _parse_release(d.pop("release"))


        slug = d.pop("slug")

        version = d.pop("version")

        published_shown = cls(
            changed=changed,
            content_hash=content_hash,
            dag_id=dag_id,
            message=message,
            ready=ready,
            release=release,
            slug=slug,
            version=version,
        )


        published_shown.additional_properties = d
        return published_shown

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
