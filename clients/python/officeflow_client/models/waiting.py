from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.waits_for import WaitsFor
from typing import cast
import datetime






T = TypeVar("T", bound="Waiting")



@_attrs_define
class Waiting:
    """ What a node waits for; `node` is empty where the run itself waits for its turn.

        Attributes:
            answered (str): By whom and when, where Airflow has not gone on with it yet.
            map_index (int):
            node (str):
            of (str): Of whom an answer, which event, which run.
            since (datetime.datetime):
            until (datetime.datetime | None): When it goes on by itself; null: nobody knows.
            what (WaitsFor): What a node waits for: a person's answer, a moment, an event, the end of a run of another
                workflow, or
                a part of the platform that is away; and what a run waits for that has not begun: its turn among the runs
                of its person.

                That part is looked for again by itself.
            why (str):
     """

    answered: str
    map_index: int
    node: str
    of: str
    since: datetime.datetime
    until: datetime.datetime | None
    what: WaitsFor
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        answered = self.answered

        map_index = self.map_index

        node = self.node

        of = self.of

        since = self.since.isoformat()

        until: None | str
        if isinstance(self.until, datetime.datetime):
            until = self.until.isoformat()
        else:
            until = self.until

        what = self.what.value

        why = self.why


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "answered": answered,
            "map_index": map_index,
            "node": node,
            "of": of,
            "since": since,
            "until": until,
            "what": what,
            "why": why,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        answered = d.pop("answered")

        map_index = d.pop("map_index")

        node = d.pop("node")

        of = d.pop("of")

        since = datetime.datetime.fromisoformat(d.pop("since"))




        def _parse_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                until_type_0 = datetime.datetime.fromisoformat(data)



                return until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        until = _parse_until(d.pop("until"))


        what = WaitsFor(d.pop("what"))




        why = d.pop("why")

        waiting = cls(
            answered=answered,
            map_index=map_index,
            node=node,
            of=of,
            since=since,
            until=until,
            what=what,
            why=why,
        )


        waiting.additional_properties = d
        return waiting

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
