from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.rules_changes_rules_item import RulesChangesRulesItem





T = TypeVar("T", bound="RulesChanges")



@_attrs_define
class RulesChanges:
    """ 
        Attributes:
            added (list[str]): By name, against those that count now.
            changed (list[str]):
            removed (list[str]):
            rules (list[RulesChangesRulesItem]): All that would count.
     """

    added: list[str]
    changed: list[str]
    removed: list[str]
    rules: list[RulesChangesRulesItem]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.rules_changes_rules_item import RulesChangesRulesItem # noqa: PLC0415
        added = self.added



        changed = self.changed



        removed = self.removed



        rules = []
        for rules_item_data in self.rules:
            rules_item = rules_item_data.to_dict()
            rules.append(rules_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "added": added,
            "changed": changed,
            "removed": removed,
            "rules": rules,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.rules_changes_rules_item import RulesChangesRulesItem # noqa: PLC0415
        d = dict(src_dict)
        added = cast(list[str], d.pop("added"))


        changed = cast(list[str], d.pop("changed"))


        removed = cast(list[str], d.pop("removed"))


        rules = []
        _rules = d.pop("rules")
        for rules_item_data in (_rules):
            rules_item = RulesChangesRulesItem.from_dict(rules_item_data)



            rules.append(rules_item)


        rules_changes = cls(
            added=added,
            changed=changed,
            removed=removed,
            rules=rules,
        )


        rules_changes.additional_properties = d
        return rules_changes

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
