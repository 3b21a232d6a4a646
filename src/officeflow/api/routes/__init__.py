"""The routes, a file per kind of thing."""

from __future__ import annotations

from fastapi import APIRouter

from officeflow.api.routes import (
    acts,
    audit,
    changes,
    health,
    me,
    metrics,
    requests,
    runs,
    steering,
)

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    me.router,
    runs.router,
    steering.router,
    acts.router,
    requests.router,
    audit.router,
    metrics.router,
    changes.router,
)
