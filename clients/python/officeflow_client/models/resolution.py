from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.resolution_output_type_0 import ResolutionOutputType0





T = TypeVar("T", bound="Resolution")



@_attrs_define
class Resolution:
    """ 
        Attributes:
            done (bool): What was found out at the other system.
            why (str): The reason, for the audit log.
            map_index (int | Unset): Which act of a node that runs for many items; -1: none. Default: -1.
            output (None | ResolutionOutputType0 | Unset): With `done`: what later nodes are to read of it. It is shown to
                nobody.
     """

    done: bool
    why: str
    map_index: int | Unset = -1
    output: None | ResolutionOutputType0 | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.resolution_output_type_0 import ResolutionOutputType0 # noqa: PLC0415
        done = self.done

        why = self.why

        map_index = self.map_index

        output: dict[str, Any] | None | Unset
        if isinstance(self.output, Unset):
            output = UNSET
        elif isinstance(self.output, ResolutionOutputType0):
            output = self.output.to_dict()
        else:
            output = self.output


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "done": done,
            "why": why,
        })
        if map_index is not UNSET:
            field_dict["map_index"] = map_index
        if output is not UNSET:
            field_dict["output"] = output

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.resolution_output_type_0 import ResolutionOutputType0 # noqa: PLC0415
        d = dict(src_dict)
        done = d.pop("done")

        why = d.pop("why")

        map_index = d.pop("map_index", UNSET)

        def _parse_output(data: object) -> None | ResolutionOutputType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                output_type_0 = ResolutionOutputType0.from_dict(data)



                return output_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ResolutionOutputType0 | Unset, data)

        output = _parse_output(d.pop("output", UNSET))


        resolution = cls(
            done=done,
            why=why,
            map_index=map_index,
            output=output,
        )


        resolution.additional_properties = d
        return resolution

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
