from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.definition import Definition





T = TypeVar("T", bound="WholeVersion")



@_attrs_define
class WholeVersion:
    """ 
        Attributes:
            by (str): Who published it, as the audit log names them.
            definition (Definition): A whole workflow.

                A node runs when at least one of its incoming edges is taken and none of their sources failed.
            published (datetime.datetime):
            sha256 (str):
            version (int):
     """

    by: str
    definition: Definition
    published: datetime.datetime
    sha256: str
    version: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.definition import Definition # noqa: PLC0415
        by = self.by

        definition = self.definition.to_dict()

        published = self.published.isoformat()

        sha256 = self.sha256

        version = self.version


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "by": by,
            "definition": definition,
            "published": published,
            "sha256": sha256,
            "version": version,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.definition import Definition # noqa: PLC0415
        d = dict(src_dict)
        by = d.pop("by")

        definition = Definition.from_dict(d.pop("definition"))




        published = datetime.datetime.fromisoformat(d.pop("published"))




        sha256 = d.pop("sha256")

        version = d.pop("version")

        whole_version = cls(
            by=by,
            definition=definition,
            published=published,
            sha256=sha256,
            version=version,
        )


        whole_version.additional_properties = d
        return whole_version

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
