from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.of import Of
from ..models.request_kind import RequestKind
from ..models.request_state import RequestState
from ..models.sort import Sort
from ..types import UNSET, Unset
from typing import cast
from uuid import UUID






T = TypeVar("T", bound="RequestFilter")



@_attrs_define
class RequestFilter:
    """ 
        Attributes:
            any_state (bool | Unset): Whatever their state. Default: False.
            kind (None | RequestKind | Unset):
            of (Of | Unset): Whose requests: those that one may answer oneself, or all that one may see.
            run_id (None | Unset | UUID):
            sort (Sort | Unset):
            state (None | RequestState | Unset): Without it, the open ones.
     """

    any_state: bool | Unset = False
    kind: None | RequestKind | Unset = UNSET
    of: Of | Unset = UNSET
    run_id: None | Unset | UUID = UNSET
    sort: Sort | Unset = UNSET
    state: None | RequestState | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        any_state = self.any_state

        kind: None | str | Unset
        if isinstance(self.kind, Unset):
            kind = UNSET
        elif isinstance(self.kind, RequestKind):
            kind = self.kind.value
        else:
            kind = self.kind

        of: str | Unset = UNSET
        if not isinstance(self.of, Unset):
            of = self.of.value


        run_id: None | str | Unset
        if isinstance(self.run_id, Unset):
            run_id = UNSET
        elif isinstance(self.run_id, UUID):
            run_id = str(self.run_id)
        else:
            run_id = self.run_id

        sort: str | Unset = UNSET
        if not isinstance(self.sort, Unset):
            sort = self.sort.value


        state: None | str | Unset
        if isinstance(self.state, Unset):
            state = UNSET
        elif isinstance(self.state, RequestState):
            state = self.state.value
        else:
            state = self.state


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
        })
        if any_state is not UNSET:
            field_dict["any_state"] = any_state
        if kind is not UNSET:
            field_dict["kind"] = kind
        if of is not UNSET:
            field_dict["of"] = of
        if run_id is not UNSET:
            field_dict["run_id"] = run_id
        if sort is not UNSET:
            field_dict["sort"] = sort
        if state is not UNSET:
            field_dict["state"] = state

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        any_state = d.pop("any_state", UNSET)

        def _parse_kind(data: object) -> None | RequestKind | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                kind_type_0 = RequestKind(data)



                return kind_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RequestKind | Unset, data)

        kind = _parse_kind(d.pop("kind", UNSET))


        _of = d.pop("of", UNSET)
        of: Of | Unset
        if isinstance(_of,  Unset):
            of = UNSET
        else:
            of = Of(_of)




        def _parse_run_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                run_id_type_0 = UUID(data)



                return run_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        run_id = _parse_run_id(d.pop("run_id", UNSET))


        _sort = d.pop("sort", UNSET)
        sort: Sort | Unset
        if isinstance(_sort,  Unset):
            sort = UNSET
        else:
            sort = Sort(_sort)




        def _parse_state(data: object) -> None | RequestState | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                state_type_0 = RequestState(data)



                return state_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RequestState | Unset, data)

        state = _parse_state(d.pop("state", UNSET))


        request_filter = cls(
            any_state=any_state,
            kind=kind,
            of=of,
            run_id=run_id,
            sort=sort,
            state=state,
        )


        request_filter.additional_properties = d
        return request_filter

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
