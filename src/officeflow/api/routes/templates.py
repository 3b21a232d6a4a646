"""Workflows to begin with. The same for all organizations."""

from __future__ import annotations

from typing import Annotated, Any, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed
from officeflow.api.routing import Route
from officeflow.api.shapes import JsonObject, Named
from officeflow.rights.permissions import Permission
from officeflow.workflows import templates
from officeflow.workflows.templates import Template

router = APIRouter(tags=["templates"], route_class=Route)
Reader = Annotated[Caller, Needs(Permission.CATALOG_READ, anywhere=True)]


class TemplateListed(BaseModel):
    name: str
    title: str
    description: str
    tags: list[str]
    node_types: list[str] = Field(description="Those that it uses.")
    connections: list[str] = Field(description="Names of the connections that an organization needs for it.")

    @staticmethod
    def values(template: Template) -> dict[str, Any]:
        return {
            "name": template.name,
            "title": template.definition["name"],
            "description": template.definition["description"],
            "tags": template.tags,
            "node_types": list(template.node_types),
            "connections": list(template.connections),
        }


class TemplateShown(TemplateListed):
    definition: JsonObject = Field(description="A whole workflow, as it would be published.")

    @classmethod
    def of(cls, template: Template) -> Self:
        return cls.model_validate({**cls.values(template), "definition": template.definition})


@router.get("/templates")
def list_templates(caller: Reader) -> Listed[TemplateListed]:
    """All templates, by name, on one page."""
    del caller
    known = templates.every().values()
    items = [TemplateListed.model_validate(TemplateListed.values(each)) for each in known]
    return Listed(items=items, next=None)


@router.get("/templates/{template}")
def show_template(template: Named, caller: Reader) -> TemplateShown:
    """One template, with its definition: change what is the organization's own, and publish it."""
    del caller
    return TemplateShown.of(templates.find(template))
