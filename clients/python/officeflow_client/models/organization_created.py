from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.organization_created_topics import OrganizationCreatedTopics
from uuid import UUID






T = TypeVar("T", bound="OrganizationCreated")



@_attrs_define
class OrganizationCreated:
    """ 
        Attributes:
            domain (str):
            name (str):
            org_id (UUID):
            plan (str):
            slug (str):
            topics (OrganizationCreatedTopics): Of Kafka; missing: Kafka is away, and the command `org topics` creates them
                later.
     """

    domain: str
    name: str
    org_id: UUID
    plan: str
    slug: str
    topics: OrganizationCreatedTopics
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        domain = self.domain

        name = self.name

        org_id = str(self.org_id)

        plan = self.plan

        slug = self.slug

        topics = self.topics.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "domain": domain,
            "name": name,
            "org_id": org_id,
            "plan": plan,
            "slug": slug,
            "topics": topics,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        domain = d.pop("domain")

        name = d.pop("name")

        org_id = UUID(d.pop("org_id"))




        plan = d.pop("plan")

        slug = d.pop("slug")

        topics = OrganizationCreatedTopics(d.pop("topics"))




        organization_created = cls(
            domain=domain,
            name=name,
            org_id=org_id,
            plan=plan,
            slug=slug,
            topics=topics,
        )


        organization_created.additional_properties = d
        return organization_created

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
