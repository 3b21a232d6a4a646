from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast

if TYPE_CHECKING:
  from ..models.capability_tested import CapabilityTested
  from ..models.node_type_tested import NodeTypeTested
  from ..models.service_tested import ServiceTested





T = TypeVar("T", bound="ConnectionTested")



@_attrs_define
class ConnectionTested:
    """ 
        Attributes:
            capabilities (list[CapabilityTested]): Of what the system can do.
            complete (bool): Whether, besides, nothing is known to be missing.
            id (str):
            node_types (list[NodeTypeTested]):
            ok (bool): Whether the system has answered and let us in, for all that it serves.
            provider (str):
            services (list[ServiceTested]):
            title (str):
     """

    capabilities: list[CapabilityTested]
    complete: bool
    id: str
    node_types: list[NodeTypeTested]
    ok: bool
    provider: str
    services: list[ServiceTested]
    title: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.capability_tested import CapabilityTested # noqa: PLC0415
        from ..models.node_type_tested import NodeTypeTested # noqa: PLC0415
        from ..models.service_tested import ServiceTested # noqa: PLC0415
        capabilities = []
        for capabilities_item_data in self.capabilities:
            capabilities_item = capabilities_item_data.to_dict()
            capabilities.append(capabilities_item)



        complete = self.complete

        id = self.id

        node_types = []
        for node_types_item_data in self.node_types:
            node_types_item = node_types_item_data.to_dict()
            node_types.append(node_types_item)



        ok = self.ok

        provider = self.provider

        services = []
        for services_item_data in self.services:
            services_item = services_item_data.to_dict()
            services.append(services_item)



        title = self.title


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "capabilities": capabilities,
            "complete": complete,
            "id": id,
            "node_types": node_types,
            "ok": ok,
            "provider": provider,
            "services": services,
            "title": title,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.capability_tested import CapabilityTested # noqa: PLC0415
        from ..models.node_type_tested import NodeTypeTested # noqa: PLC0415
        from ..models.service_tested import ServiceTested # noqa: PLC0415
        d = dict(src_dict)
        capabilities = []
        _capabilities = d.pop("capabilities")
        for capabilities_item_data in (_capabilities):
            capabilities_item = CapabilityTested.from_dict(capabilities_item_data)



            capabilities.append(capabilities_item)


        complete = d.pop("complete")

        id = d.pop("id")

        node_types = []
        _node_types = d.pop("node_types")
        for node_types_item_data in (_node_types):
            node_types_item = NodeTypeTested.from_dict(node_types_item_data)



            node_types.append(node_types_item)


        ok = d.pop("ok")

        provider = d.pop("provider")

        services = []
        _services = d.pop("services")
        for services_item_data in (_services):
            services_item = ServiceTested.from_dict(services_item_data)



            services.append(services_item)


        title = d.pop("title")

        connection_tested = cls(
            capabilities=capabilities,
            complete=complete,
            id=id,
            node_types=node_types,
            ok=ok,
            provider=provider,
            services=services,
            title=title,
        )


        connection_tested.additional_properties = d
        return connection_tested

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
