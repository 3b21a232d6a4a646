from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.compared_shown_counts import ComparedShownCounts
  from ..models.difference_shown import DifferenceShown





T = TypeVar("T", bound="ComparedShown")



@_attrs_define
class ComparedShown:
    """ 
        Attributes:
            accounts (int): That were compared.
            connection (str):
            counts (ComparedShownCounts): By `drift`.
            differences (list[DifferenceShown]):
            found (int):
            looked (bool):
            not_told (int): Of what was found: so many are not listed.
            why (str): Why nobody looked.
     """

    accounts: int
    connection: str
    counts: ComparedShownCounts
    differences: list[DifferenceShown]
    found: int
    looked: bool
    not_told: int
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.compared_shown_counts import ComparedShownCounts # noqa: PLC0415
        from ..models.difference_shown import DifferenceShown # noqa: PLC0415
        accounts = self.accounts

        connection = self.connection

        counts = self.counts.to_dict()

        differences = []
        for differences_item_data in self.differences:
            differences_item = differences_item_data.to_dict()
            differences.append(differences_item)



        found = self.found

        looked = self.looked

        not_told = self.not_told

        why = self.why


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "accounts": accounts,
            "connection": connection,
            "counts": counts,
            "differences": differences,
            "found": found,
            "looked": looked,
            "not_told": not_told,
            "why": why,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.compared_shown_counts import ComparedShownCounts # noqa: PLC0415
        from ..models.difference_shown import DifferenceShown # noqa: PLC0415
        d = dict(src_dict)
        accounts = d.pop("accounts")

        connection = d.pop("connection")

        counts = ComparedShownCounts.from_dict(d.pop("counts"))




        differences = []
        _differences = d.pop("differences")
        for differences_item_data in (_differences):
            differences_item = DifferenceShown.from_dict(differences_item_data)



            differences.append(differences_item)


        found = d.pop("found")

        looked = d.pop("looked")

        not_told = d.pop("not_told")

        why = d.pop("why")

        compared_shown = cls(
            accounts=accounts,
            connection=connection,
            counts=counts,
            differences=differences,
            found=found,
            looked=looked,
            not_told=not_told,
            why=why,
        )


        compared_shown.additional_properties = d
        return compared_shown

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
