from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.unacted_status import UnactedStatus
from ..types import UNSET, Unset
from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.failure import Failure





T = TypeVar("T", bound="NodeRefused")



@_attrs_define
class NodeRefused:
    """ A node whose last try ended before its act did, or that was given up.

        Attributes:
            at (datetime.datetime):
            error (Failure): Why something failed, or what it waits for.
            map_index (int):
            node (str):
            since (datetime.datetime):
            status (UnactedStatus): How a node is shown and told of whose act says nothing.

                REFUSED: its try ended before its act did. FAILED: Airflow says so, and the node has said nothing.
                WAITS: for an answer, a time, or something of the platform's own that is away. SKIPPED: a person gave it
                up, whatever its act was at.
            try_number (int):
            type_ (str):
            airflow (None | str | Unset):
     """

    at: datetime.datetime
    error: Failure
    map_index: int
    node: str
    since: datetime.datetime
    status: UnactedStatus
    try_number: int
    type_: str
    airflow: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.failure import Failure # noqa: PLC0415
        at = self.at.isoformat()

        error = self.error.to_dict()

        map_index = self.map_index

        node = self.node

        since = self.since.isoformat()

        status = self.status.value

        try_number = self.try_number

        type_ = self.type_

        airflow: None | str | Unset
        if isinstance(self.airflow, Unset):
            airflow = UNSET
        else:
            airflow = self.airflow


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "at": at,
            "error": error,
            "map_index": map_index,
            "node": node,
            "since": since,
            "status": status,
            "try_number": try_number,
            "type": type_,
        })
        if airflow is not UNSET:
            field_dict["airflow"] = airflow

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.failure import Failure # noqa: PLC0415
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))




        error = Failure.from_dict(d.pop("error"))




        map_index = d.pop("map_index")

        node = d.pop("node")

        since = datetime.datetime.fromisoformat(d.pop("since"))




        status = UnactedStatus(d.pop("status"))




        try_number = d.pop("try_number")

        type_ = d.pop("type")

        def _parse_airflow(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        airflow = _parse_airflow(d.pop("airflow", UNSET))


        node_refused = cls(
            at=at,
            error=error,
            map_index=map_index,
            node=node,
            since=since,
            status=status,
            try_number=try_number,
            type_=type_,
            airflow=airflow,
        )


        node_refused.additional_properties = d
        return node_refused

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
