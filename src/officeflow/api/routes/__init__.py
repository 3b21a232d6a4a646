"""The routes, a file per kind of thing."""

from __future__ import annotations

from fastapi import APIRouter

from officeflow.api.routes import (
    catalog,
    connections,
    drafts,
    employees,
    events,
    groups,
    health,
    me,
    organizations,
    outbox,
    plans,
    quarantine,
    releases,
    service_accounts,
    templates,
    tokens,
    users,
    workflows,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    me.router,
    organizations.router,
    users.router,
    groups.router,
    service_accounts.router,
    tokens.router,
    employees.router,
    connections.router,
    catalog.router,
    templates.router,
    workflows.router,
    plans.router,
    drafts.router,
    releases.router,
    events.router,
    quarantine.router,
    outbox.router,
)
