from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.limits_to_settle_limits import LimitsToSettleLimits





T = TypeVar("T", bound="LimitsToSettle")



@_attrs_define
class LimitsToSettle:
    """ 
        Attributes:
            limits (LimitsToSettleLimits): By kind of event; others stay, and so does what is not named of one.
            why (str): For the audit log.
     """

    limits: LimitsToSettleLimits
    why: str





    def to_dict(self) -> dict[str, Any]:
        from ..models.limits_to_settle_limits import LimitsToSettleLimits # noqa: PLC0415
        limits = self.limits.to_dict()

        why = self.why


        field_dict: dict[str, Any] = {}

        field_dict.update({
            "limits": limits,
            "why": why,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.limits_to_settle_limits import LimitsToSettleLimits # noqa: PLC0415
        d = dict(src_dict)
        limits = LimitsToSettleLimits.from_dict(d.pop("limits"))




        why = d.pop("why")

        limits_to_settle = cls(
            limits=limits,
            why=why,
        )

        return limits_to_settle

