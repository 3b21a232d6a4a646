from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.planned_node_shown import PlannedNodeShown





T = TypeVar("T", bound="PlanShown")



@_attrs_define
class PlanShown:
    """ 
        Attributes:
            cannot_know (list[str]): What no plan can tell.
            looked (bool): Whether the systems were looked into.
            nodes (list[PlannedNodeShown]): In the order of a run.
            starts (bool | None): Whether the event starts it; null where there is none.
            why (str):
     """

    cannot_know: list[str]
    looked: bool
    nodes: list[PlannedNodeShown]
    starts: bool | None
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.planned_node_shown import PlannedNodeShown # noqa: PLC0415
        cannot_know = self.cannot_know



        looked = self.looked

        nodes = []
        for nodes_item_data in self.nodes:
            nodes_item = nodes_item_data.to_dict()
            nodes.append(nodes_item)



        starts: bool | None
        starts = self.starts

        why = self.why


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "cannot_know": cannot_know,
            "looked": looked,
            "nodes": nodes,
            "starts": starts,
            "why": why,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.planned_node_shown import PlannedNodeShown # noqa: PLC0415
        d = dict(src_dict)
        cannot_know = cast(list[str], d.pop("cannot_know"))


        looked = d.pop("looked")

        nodes = []
        _nodes = d.pop("nodes")
        for nodes_item_data in (_nodes):
            nodes_item = PlannedNodeShown.from_dict(nodes_item_data)



            nodes.append(nodes_item)


        def _parse_starts(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        starts = _parse_starts(d.pop("starts"))


        why = d.pop("why")

        plan_shown = cls(
            cannot_know=cannot_know,
            looked=looked,
            nodes=nodes,
            starts=starts,
            why=why,
        )


        plan_shown.additional_properties = d
        return plan_shown

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
