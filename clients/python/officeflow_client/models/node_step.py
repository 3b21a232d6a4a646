from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.reader import Reader





T = TypeVar("T", bound="NodeStep")



@_attrs_define
class NodeStep:
    """ 
        Attributes:
            map_index (int):
            node (str):
            read_by (list[Reader]):
            run_id (UUID):
            was (None | str): The state of its task in Airflow.
     """

    map_index: int
    node: str
    read_by: list[Reader]
    run_id: UUID
    was: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.reader import Reader # noqa: PLC0415
        map_index = self.map_index

        node = self.node

        read_by = []
        for read_by_item_data in self.read_by:
            read_by_item = read_by_item_data.to_dict()
            read_by.append(read_by_item)



        run_id = str(self.run_id)

        was: None | str
        was = self.was


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "map_index": map_index,
            "node": node,
            "read_by": read_by,
            "run_id": run_id,
            "was": was,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.reader import Reader # noqa: PLC0415
        d = dict(src_dict)
        map_index = d.pop("map_index")

        node = d.pop("node")

        read_by = []
        _read_by = d.pop("read_by")
        for read_by_item_data in (_read_by):
            read_by_item = Reader.from_dict(read_by_item_data)



            read_by.append(read_by_item)


        run_id = UUID(d.pop("run_id"))




        def _parse_was(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        was = _parse_was(d.pop("was"))


        node_step = cls(
            map_index=map_index,
            node=node,
            read_by=read_by,
            run_id=run_id,
            was=was,
        )


        node_step.additional_properties = d
        return node_step

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
