"""What workflows are made of: node types and providers of connections. The same for all organizations."""

from __future__ import annotations

import functools
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from officeflow.api.cached import ANSWERS, Prepared
from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed
from officeflow.api.routing import Route
from officeflow.api.shapes import JsonObject, Named
from officeflow.catalog.registry import node_type
from officeflow.catalog.schemas import catalog, describe
from officeflow.connectors import providers
from officeflow.connectors.families import Capability, Family
from officeflow.rights.permissions import Permission
from officeflow.sdk import Effect

router = APIRouter(tags=["catalog"], route_class=Route)
Reader = Annotated[Caller, Needs(Permission.CATALOG_READ, anywhere=True)]


class NodeType(BaseModel):
    type: str
    title: str
    group: str
    description: str
    effect: Effect = Field(description="What may happen where an act is tried a second time.")
    effect_note: str
    family: Family | None = Field(description="Of the connection that it needs; null: it needs none.")
    needs: list[Capability] = Field(description="What the connection's provider has to be able to do.")
    undo: str = Field(description="How it takes back what it did; empty: it does not.")
    undo_ways: dict[str, str] = Field(description="Other ways, by name.")
    inverse: str | None = Field(description="The node type that does the opposite.")
    irreversible: bool
    evidence: str = Field(description="What of its output proves that it was done.")
    plan: str = Field(description="What plan mode shows of it.")
    params: JsonObject = Field(description="JSON Schema (2020-12) of its parameters.")
    output: JsonObject = Field(description="JSON Schema of what later nodes read of it.")


class ProviderField(BaseModel):
    name: str
    kind: str
    choices: list[str] = Field(description="All values that there are; empty: any of its kind.")
    description: str
    required: bool
    secret: bool
    credential: bool = Field(description="Whether it says who we are; those are rotated.")


class ProviderShown(BaseModel):
    name: str
    title: str
    about: str = Field(description="In Markdown.")
    families: list[Family]
    capabilities: list[Capability]
    fields: list[ProviderField]


@router.get("/node-types", response_model=Listed[NodeType], responses=ANSWERS)
def list_node_types(request: Request, caller: Reader) -> Response:
    """The catalog: all node types by name, with the JSON Schemas of parameters and outputs, on one page."""
    del caller
    return _node_types().answer(request)


@router.get("/node-types/{node_type}", response_model=NodeType, responses=ANSWERS)
def show_node_type(node_type: Named, request: Request, caller: Reader) -> Response:
    """One node type."""
    del caller
    return _node_type(node_type).answer(request)


@router.get("/providers", response_model=Listed[ProviderShown], responses=ANSWERS)
def list_providers(request: Request, caller: Reader) -> Response:
    """The kinds of systems that a connection may lead to, with the fields of one, on one page."""
    del caller
    return _providers().answer(request)


@functools.cache
def _node_types() -> Prepared:
    items = [NodeType.model_validate(each) for each in catalog().values()]
    return Prepared.of(Listed[NodeType](items=items, next=None))


@functools.cache
def _node_type(name: str) -> Prepared:
    return Prepared.of(NodeType.model_validate(describe(node_type(name))))


@functools.cache
def _providers() -> Prepared:
    items = [_provider(name) for name in providers.providers()]
    return Prepared.of(Listed[ProviderShown](items=items, next=None))


def _provider(name: str) -> ProviderShown:
    known = providers.provider(name)
    able = {each for service in known.services for each in service.capabilities}
    return ProviderShown(
        name=name,
        title=known.title,
        about=providers.about(name),
        families=list(known.families),
        capabilities=[each for each in Capability if each in able],
        fields=[
            ProviderField(
                name=field.name,
                kind=field.kind.name,
                choices=list(field.kind.choices),
                description=field.description,
                required=field.required,
                secret=field.secret,
                credential=field.credential or field.secret,
            )
            for field in known.fields
        ],
    )
