from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.rules_settled_rules_item import RulesSettledRulesItem





T = TypeVar("T", bound="RulesSettled")



@_attrs_define
class RulesSettled:
    """ 
        Attributes:
            rules (list[RulesSettledRulesItem]):
            set_at (datetime.datetime | None):
            set_by (None | str):
            version (int): 0: nobody has set any.
            why (None | str):
            release (None | Unset | UUID): Nothing was set: the rules are protected, and another admin decides about this.
     """

    rules: list[RulesSettledRulesItem]
    set_at: datetime.datetime | None
    set_by: None | str
    version: int
    why: None | str
    release: None | Unset | UUID = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.rules_settled_rules_item import RulesSettledRulesItem # noqa: PLC0415
        rules = []
        for rules_item_data in self.rules:
            rules_item = rules_item_data.to_dict()
            rules.append(rules_item)



        set_at: None | str
        if isinstance(self.set_at, datetime.datetime):
            set_at = self.set_at.isoformat()
        else:
            set_at = self.set_at

        set_by: None | str
        set_by = self.set_by

        version = self.version

        why: None | str
        why = self.why

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
            "rules": rules,
            "set_at": set_at,
            "set_by": set_by,
            "version": version,
            "why": why,
        })
        if release is not UNSET:
            field_dict["release"] = release

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.rules_settled_rules_item import RulesSettledRulesItem # noqa: PLC0415
        d = dict(src_dict)
        rules = []
        _rules = d.pop("rules")
        for rules_item_data in (_rules):
            rules_item = RulesSettledRulesItem.from_dict(rules_item_data)



            rules.append(rules_item)


        def _parse_set_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                set_at_type_0 = datetime.datetime.fromisoformat(data)



                return set_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        set_at = _parse_set_at(d.pop("set_at"))


        def _parse_set_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        set_by = _parse_set_by(d.pop("set_by"))


        version = d.pop("version")

        def _parse_why(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        why = _parse_why(d.pop("why"))


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


        rules_settled = cls(
            rules=rules,
            set_at=set_at,
            set_by=set_by,
            version=version,
            why=why,
            release=release,
        )


        rules_settled.additional_properties = d
        return rules_settled

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
