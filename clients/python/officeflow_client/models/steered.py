from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from uuid import UUID






T = TypeVar("T", bound="Steered")



@_attrs_define
class Steered:
    """ 
        Attributes:
            changed (bool): false: it was so already.
            run (str): DAG and Airflow's run id, with a slash between them.
            run_id (UUID):
            told (str): Who wanted it before, when and why; empty where it was changed.
     """

    changed: bool
    run: str
    run_id: UUID
    told: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        changed = self.changed

        run = self.run

        run_id = str(self.run_id)

        told = self.told


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "changed": changed,
            "run": run,
            "run_id": run_id,
            "told": told,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        changed = d.pop("changed")

        run = d.pop("run")

        run_id = UUID(d.pop("run_id"))




        told = d.pop("told")

        steered = cls(
            changed=changed,
            run=run,
            run_id=run_id,
            told=told,
        )


        steered.additional_properties = d
        return steered

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
