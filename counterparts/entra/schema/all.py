"""Every resource type that is a directory object, by its kind."""

from __future__ import annotations

from counterparts.entra.schema.application import APPLICATION, SERVICE_PRINCIPAL
from counterparts.entra.schema.group import DIRECTORY_ROLE, GROUP
from counterparts.entra.schema.types import ResourceType
from counterparts.entra.schema.user import USER

RESOURCES: dict[str, ResourceType] = {
    each.kind: each for each in (USER, GROUP, DIRECTORY_ROLE, APPLICATION, SERVICE_PRINCIPAL)
}
