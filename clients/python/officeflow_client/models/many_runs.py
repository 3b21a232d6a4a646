from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
from uuid import UUID

if TYPE_CHECKING:
  from ..models.sought_runs import SoughtRuns





T = TypeVar("T", bound="ManyRuns")



@_attrs_define
class ManyRuns:
    """ Which runs: `run_ids`, or `filter` with `expected`.

        Attributes:
            why (str): The reason, for the audit log.
            expected (int | None | Unset): How many runs the filter has: where it has others by now, nothing is changed.
            filter_ (None | SoughtRuns | Unset):
            run_ids (list[UUID] | None | Unset):
     """

    why: str
    expected: int | None | Unset = UNSET
    filter_: None | SoughtRuns | Unset = UNSET
    run_ids: list[UUID] | None | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        from ..models.sought_runs import SoughtRuns # noqa: PLC0415
        why = self.why

        expected: int | None | Unset
        if isinstance(self.expected, Unset):
            expected = UNSET
        else:
            expected = self.expected

        filter_: dict[str, Any] | None | Unset
        if isinstance(self.filter_, Unset):
            filter_ = UNSET
        elif isinstance(self.filter_, SoughtRuns):
            filter_ = self.filter_.to_dict()
        else:
            filter_ = self.filter_

        run_ids: list[str] | None | Unset
        if isinstance(self.run_ids, Unset):
            run_ids = UNSET
        elif isinstance(self.run_ids, list):
            run_ids = []
            for run_ids_type_0_item_data in self.run_ids:
                run_ids_type_0_item = str(run_ids_type_0_item_data)
                run_ids.append(run_ids_type_0_item)


        else:
            run_ids = self.run_ids


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "why": why,
        })
        if expected is not UNSET:
            field_dict["expected"] = expected
        if filter_ is not UNSET:
            field_dict["filter"] = filter_
        if run_ids is not UNSET:
            field_dict["run_ids"] = run_ids

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.sought_runs import SoughtRuns # noqa: PLC0415
        d = dict(src_dict)
        why = d.pop("why")

        def _parse_expected(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        expected = _parse_expected(d.pop("expected", UNSET))


        def _parse_filter_(data: object) -> None | SoughtRuns | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                filter_type_0 = SoughtRuns.from_dict(data)



                return filter_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SoughtRuns | Unset, data)

        filter_ = _parse_filter_(d.pop("filter", UNSET))


        def _parse_run_ids(data: object) -> list[UUID] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                run_ids_type_0 = []
                _run_ids_type_0 = data
                for run_ids_type_0_item_data in (_run_ids_type_0):
                    run_ids_type_0_item = UUID(run_ids_type_0_item_data)



                    run_ids_type_0.append(run_ids_type_0_item)

                return run_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[UUID] | None | Unset, data)

        run_ids = _parse_run_ids(d.pop("run_ids", UNSET))


        many_runs = cls(
            why=why,
            expected=expected,
            filter_=filter_,
            run_ids=run_ids,
        )

        return many_runs

