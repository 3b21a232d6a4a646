from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.by import By
from typing import cast

if TYPE_CHECKING:
  from ..models.undone_act import UndoneAct





T = TypeVar("T", bound="UndoStep")



@_attrs_define
class UndoStep:
    """ What is done to take acts back.

        Attributes:
            acts (list[UndoneAct]):
            by (By): What takes an act back: its node type itself, or a compensating node.
            node (None | str): The compensating node.
            run (str): The called run that they are of; empty: this one.
            told (str):
     """

    acts: list[UndoneAct]
    by: By
    node: None | str
    run: str
    told: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.undone_act import UndoneAct # noqa: PLC0415
        acts = []
        for acts_item_data in self.acts:
            acts_item = acts_item_data.to_dict()
            acts.append(acts_item)



        by = self.by.value

        node: None | str
        node = self.node

        run = self.run

        told = self.told


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "acts": acts,
            "by": by,
            "node": node,
            "run": run,
            "told": told,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.undone_act import UndoneAct # noqa: PLC0415
        d = dict(src_dict)
        acts = []
        _acts = d.pop("acts")
        for acts_item_data in (_acts):
            acts_item = UndoneAct.from_dict(acts_item_data)



            acts.append(acts_item)


        by = By(d.pop("by"))




        def _parse_node(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        node = _parse_node(d.pop("node"))


        run = d.pop("run")

        told = d.pop("told")

        undo_step = cls(
            acts=acts,
            by=by,
            node=node,
            run=run,
            told=told,
        )


        undo_step.additional_properties = d
        return undo_step

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
