from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.capability import Capability
from ..models.effect import Effect
from ..models.family import Family
from typing import cast

if TYPE_CHECKING:
  from ..models.node_type_output import NodeTypeOutput
  from ..models.node_type_params import NodeTypeParams
  from ..models.node_type_undo_ways import NodeTypeUndoWays





T = TypeVar("T", bound="NodeType")



@_attrs_define
class NodeType:
    """ 
        Attributes:
            description (str):
            effect (Effect): What running the act a second time would do, which decides how a crash between act and record
                is
                resumed.
            effect_note (str):
            evidence (str): What of its output proves that it was done.
            family (Family | None): Of the connection that it needs; null: it needs none.
            group (str):
            inverse (None | str): The node type that does the opposite.
            irreversible (bool):
            needs (list[Capability]): What the connection's provider has to be able to do.
            output (NodeTypeOutput): JSON Schema of what later nodes read of it.
            params (NodeTypeParams): JSON Schema (2020-12) of its parameters.
            plan (str): What plan mode shows of it.
            title (str):
            type_ (str):
            undo (str): How it takes back what it did; empty: it does not.
            undo_ways (NodeTypeUndoWays): Other ways, by name.
     """

    description: str
    effect: Effect
    effect_note: str
    evidence: str
    family: Family | None
    group: str
    inverse: None | str
    irreversible: bool
    needs: list[Capability]
    output: NodeTypeOutput
    params: NodeTypeParams
    plan: str
    title: str
    type_: str
    undo: str
    undo_ways: NodeTypeUndoWays
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.node_type_output import NodeTypeOutput # noqa: PLC0415
        from ..models.node_type_params import NodeTypeParams # noqa: PLC0415
        from ..models.node_type_undo_ways import NodeTypeUndoWays # noqa: PLC0415
        description = self.description

        effect = self.effect.value

        effect_note = self.effect_note

        evidence = self.evidence

        family: None | str
        if isinstance(self.family, Family):
            family = self.family.value
        else:
            family = self.family

        group = self.group

        inverse: None | str
        inverse = self.inverse

        irreversible = self.irreversible

        needs = []
        for needs_item_data in self.needs:
            needs_item = needs_item_data.value
            needs.append(needs_item)



        output = self.output.to_dict()

        params = self.params.to_dict()

        plan = self.plan

        title = self.title

        type_ = self.type_

        undo = self.undo

        undo_ways = self.undo_ways.to_dict()


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "description": description,
            "effect": effect,
            "effect_note": effect_note,
            "evidence": evidence,
            "family": family,
            "group": group,
            "inverse": inverse,
            "irreversible": irreversible,
            "needs": needs,
            "output": output,
            "params": params,
            "plan": plan,
            "title": title,
            "type": type_,
            "undo": undo,
            "undo_ways": undo_ways,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.node_type_output import NodeTypeOutput # noqa: PLC0415
        from ..models.node_type_params import NodeTypeParams # noqa: PLC0415
        from ..models.node_type_undo_ways import NodeTypeUndoWays # noqa: PLC0415
        d = dict(src_dict)
        description = d.pop("description")

        effect = Effect(d.pop("effect"))




        effect_note = d.pop("effect_note")

        evidence = d.pop("evidence")

        def _parse_family(data: object) -> Family | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                family_type_0 = Family(data)



                return family_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Family | None, data)

        family = _parse_family(d.pop("family"))


        group = d.pop("group")

        def _parse_inverse(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        inverse = _parse_inverse(d.pop("inverse"))


        irreversible = d.pop("irreversible")

        needs = []
        _needs = d.pop("needs")
        for needs_item_data in (_needs):
            needs_item = Capability(needs_item_data)



            needs.append(needs_item)


        output = NodeTypeOutput.from_dict(d.pop("output"))




        params = NodeTypeParams.from_dict(d.pop("params"))




        plan = d.pop("plan")

        title = d.pop("title")

        type_ = d.pop("type")

        undo = d.pop("undo")

        undo_ways = NodeTypeUndoWays.from_dict(d.pop("undo_ways"))




        node_type = cls(
            description=description,
            effect=effect,
            effect_note=effect_note,
            evidence=evidence,
            family=family,
            group=group,
            inverse=inverse,
            irreversible=irreversible,
            needs=needs,
            output=output,
            params=params,
            plan=plan,
            title=title,
            type_=type_,
            undo=undo,
            undo_ways=undo_ways,
        )


        node_type.additional_properties = d
        return node_type

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
