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
  from ..models.limits_limits import LimitsLimits





T = TypeVar("T", bound="Limits")



@_attrs_define
class Limits:
    """ 
        Attributes:
            limits (LimitsLimits): Of every kind of event, as they are now.
            release (None | Unset | UUID): Nothing was settled: it lets more pass than before, so another admin decides.
     """

    limits: LimitsLimits
    release: None | Unset | UUID = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.limits_limits import LimitsLimits # noqa: PLC0415
        limits = self.limits.to_dict()

        release: None | str | Unset
        if isinstance(self.release, Unset):
            release = UNSET
        elif isinstance(self.release, UUID):
            release = str(self.release)
        else:
            release = self.release


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "limits": limits,
        })
        if release is not UNSET:
            field_dict["release"] = release

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.limits_limits import LimitsLimits # noqa: PLC0415
        d = dict(src_dict)
        limits = LimitsLimits.from_dict(d.pop("limits"))




        def _parse_release(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                release_type_0 = UUID(data)



                return release_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        release = _parse_release(d.pop("release", UNSET))


        limits = cls(
            limits=limits,
            release=release,
        )


        limits.additional_properties = d
        return limits

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
