"""The routes, a file per kind of thing."""

from __future__ import annotations

from fastapi import APIRouter

from officeflow.api.routes import (
    drafts,
    events,
    health,
    me,
    outbox,
    plans,
    quarantine,
    releases,
    workflows,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    me.router,
    workflows.router,
    plans.router,
    drafts.router,
    releases.router,
    events.router,
    quarantine.router,
    outbox.router,
)
