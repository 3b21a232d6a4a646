from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.act_status import ActStatus
from ..models.unacted_status import UnactedStatus
from ..types import UNSET, Unset
from typing import cast
import datetime

if TYPE_CHECKING:
  from ..models.failure import Failure





T = TypeVar("T", bound="NodeAct")



@_attrs_define
class NodeAct:
    """ What became of a node, by its act.

        Attributes:
            attempts (int):
            did (str):
            ended_at (datetime.datetime | None):
            error (Failure | None):
            generation (int):
            map_index (int):
            node (str):
            seconds (float | None):
            started_at (datetime.datetime | None):
            status (ActStatus | UnactedStatus):
            try_number (int):
            type_ (str):
            airflow (None | str | Unset): Its task in Airflow, with the logs.
     """

    attempts: int
    did: str
    ended_at: datetime.datetime | None
    error: Failure | None
    generation: int
    map_index: int
    node: str
    seconds: float | None
    started_at: datetime.datetime | None
    status: ActStatus | UnactedStatus
    try_number: int
    type_: str
    airflow: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.failure import Failure # noqa: PLC0415
        attempts = self.attempts

        did = self.did

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        error: dict[str, Any] | None
        if isinstance(self.error, Failure):
            error = self.error.to_dict()
        else:
            error = self.error

        generation = self.generation

        map_index = self.map_index

        node = self.node

        seconds: float | None
        seconds = self.seconds

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        status: str
        if isinstance(self.status, ActStatus):
            status = self.status.value
        else:
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
            "attempts": attempts,
            "did": did,
            "ended_at": ended_at,
            "error": error,
            "generation": generation,
            "map_index": map_index,
            "node": node,
            "seconds": seconds,
            "started_at": started_at,
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
        attempts = d.pop("attempts")

        did = d.pop("did")

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)



                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))


        def _parse_error(data: object) -> Failure | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = Failure.from_dict(data)



                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Failure | None, data)

        error = _parse_error(d.pop("error"))


        generation = d.pop("generation")

        map_index = d.pop("map_index")

        node = d.pop("node")

        def _parse_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        seconds = _parse_seconds(d.pop("seconds"))


        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)



                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started_at = _parse_started_at(d.pop("started_at"))


        def _parse_status(data: object) -> ActStatus | UnactedStatus:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = ActStatus(data)



                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, str):
                raise TypeError()
            status_type_1 = UnactedStatus(data)



            return status_type_1

        status = _parse_status(d.pop("status"))


        try_number = d.pop("try_number")

        type_ = d.pop("type")

        def _parse_airflow(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        airflow = _parse_airflow(d.pop("airflow", UNSET))


        node_act = cls(
            attempts=attempts,
            did=did,
            ended_at=ended_at,
            error=error,
            generation=generation,
            map_index=map_index,
            node=node,
            seconds=seconds,
            started_at=started_at,
            status=status,
            try_number=try_number,
            type_=type_,
            airflow=airflow,
        )


        node_act.additional_properties = d
        return node_act

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
