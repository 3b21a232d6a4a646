from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.verdict import Verdict
from typing import cast

if TYPE_CHECKING:
  from ..models.planned_act_shown import PlannedActShown
  from ..models.planned_node_shown_params import PlannedNodeShownParams
  from ..models.problem_item import ProblemItem
  from ..models.unknown_shown import UnknownShown





T = TypeVar("T", bound="PlannedNodeShown")



@_attrs_define
class PlannedNodeShown:
    """ 
        Attributes:
            acts (list[PlannedActShown] | None): What it would do in its system; null where nobody looked.
            called (list[PlannedNodeShown]): The nodes of the workflow that it calls.
            connection (None | str):
            each (None | str): The loop that it runs in.
            effect (str): What acting a second time would do.
            hidden (list[str]): Paths of parameters that are sensitive.
            in_rounds (list[PlannedNodeShown]): A node of a loop whose items are known, in each round that is planned: its
                parameters stand there, and `acts` are those of all of them.
            item (Any):
            key (str):
            name (str):
            note (str): What else to know of it, such as why its rounds are not planned.
            params (PlannedNodeShownParams): As they would be; *** where a value is sensitive.
            problems (list[ProblemItem]): Why it would fail.
            round_ (int | None): Of one in `in_rounds`, which round it is, from 0.
            rounds (int | None): How often; null where that is not known, or it is in no loop.
            type_ (str):
            unknown (list[UnknownShown]):
            verdict (Verdict): RUNS: it is come to where those before it succeed. SKIPPED: no way leads to it. UNKNOWN: only
                a run
                knows. DONE: the run that is asked about has done it.
            why (str):
     """

    acts: list[PlannedActShown] | None
    called: list[PlannedNodeShown]
    connection: None | str
    each: None | str
    effect: str
    hidden: list[str]
    in_rounds: list[PlannedNodeShown]
    item: Any
    key: str
    name: str
    note: str
    params: PlannedNodeShownParams
    problems: list[ProblemItem]
    round_: int | None
    rounds: int | None
    type_: str
    unknown: list[UnknownShown]
    verdict: Verdict
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.planned_act_shown import PlannedActShown # noqa: PLC0415
        from ..models.planned_node_shown_params import PlannedNodeShownParams # noqa: PLC0415
        from ..models.problem_item import ProblemItem # noqa: PLC0415
        from ..models.unknown_shown import UnknownShown # noqa: PLC0415
        acts: list[dict[str, Any]] | None
        if isinstance(self.acts, list):
            acts = []
            for acts_type_0_item_data in self.acts:
                acts_type_0_item = acts_type_0_item_data.to_dict()
                acts.append(acts_type_0_item)


        else:
            acts = self.acts

        called = []
        for called_item_data in self.called:
            called_item = called_item_data.to_dict()
            called.append(called_item)



        connection: None | str
        connection = self.connection

        each: None | str
        each = self.each

        effect = self.effect

        hidden = self.hidden



        in_rounds = []
        for in_rounds_item_data in self.in_rounds:
            in_rounds_item = in_rounds_item_data.to_dict()
            in_rounds.append(in_rounds_item)



        item = self.item

        key = self.key

        name = self.name

        note = self.note

        params = self.params.to_dict()

        problems = []
        for problems_item_data in self.problems:
            problems_item = problems_item_data.to_dict()
            problems.append(problems_item)



        round_: int | None
        round_ = self.round_

        rounds: int | None
        rounds = self.rounds

        type_ = self.type_

        unknown = []
        for unknown_item_data in self.unknown:
            unknown_item = unknown_item_data.to_dict()
            unknown.append(unknown_item)



        verdict = self.verdict.value

        why = self.why


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "acts": acts,
            "called": called,
            "connection": connection,
            "each": each,
            "effect": effect,
            "hidden": hidden,
            "in_rounds": in_rounds,
            "item": item,
            "key": key,
            "name": name,
            "note": note,
            "params": params,
            "problems": problems,
            "round": round_,
            "rounds": rounds,
            "type": type_,
            "unknown": unknown,
            "verdict": verdict,
            "why": why,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.planned_act_shown import PlannedActShown # noqa: PLC0415
        from ..models.planned_node_shown_params import PlannedNodeShownParams # noqa: PLC0415
        from ..models.problem_item import ProblemItem # noqa: PLC0415
        from ..models.unknown_shown import UnknownShown # noqa: PLC0415
        d = dict(src_dict)
        def _parse_acts(data: object) -> list[PlannedActShown] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                acts_type_0 = []
                _acts_type_0 = data
                for acts_type_0_item_data in (_acts_type_0):
                    acts_type_0_item = PlannedActShown.from_dict(acts_type_0_item_data)



                    acts_type_0.append(acts_type_0_item)

                return acts_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[PlannedActShown] | None, data)

        acts = _parse_acts(d.pop("acts"))


        called = []
        _called = d.pop("called")
        for called_item_data in (_called):
            called_item = PlannedNodeShown.from_dict(called_item_data)



            called.append(called_item)


        def _parse_connection(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        connection = _parse_connection(d.pop("connection"))


        def _parse_each(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        each = _parse_each(d.pop("each"))


        effect = d.pop("effect")

        hidden = cast(list[str], d.pop("hidden"))


        in_rounds = []
        _in_rounds = d.pop("in_rounds")
        for in_rounds_item_data in (_in_rounds):
            in_rounds_item = PlannedNodeShown.from_dict(in_rounds_item_data)



            in_rounds.append(in_rounds_item)


        item = d.pop("item")

        key = d.pop("key")

        name = d.pop("name")

        note = d.pop("note")

        params = PlannedNodeShownParams.from_dict(d.pop("params"))




        problems = []
        _problems = d.pop("problems")
        for problems_item_data in (_problems):
            problems_item = ProblemItem.from_dict(problems_item_data)



            problems.append(problems_item)


        def _parse_round_(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        round_ = _parse_round_(d.pop("round"))


        def _parse_rounds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        rounds = _parse_rounds(d.pop("rounds"))


        type_ = d.pop("type")

        unknown = []
        _unknown = d.pop("unknown")
        for unknown_item_data in (_unknown):
            unknown_item = UnknownShown.from_dict(unknown_item_data)



            unknown.append(unknown_item)


        verdict = Verdict(d.pop("verdict"))




        why = d.pop("why")

        planned_node_shown = cls(
            acts=acts,
            called=called,
            connection=connection,
            each=each,
            effect=effect,
            hidden=hidden,
            in_rounds=in_rounds,
            item=item,
            key=key,
            name=name,
            note=note,
            params=params,
            problems=problems,
            round_=round_,
            rounds=rounds,
            type_=type_,
            unknown=unknown,
            verdict=verdict,
            why=why,
        )


        planned_node_shown.additional_properties = d
        return planned_node_shown

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
