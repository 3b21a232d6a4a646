"""Names at customers' systems that runs have chosen and not yet used."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Integer, String, func
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.tables.base import Base, OrgScoped


class NameReservation(OrgScoped, Base):
    """A name that an act keeps for its run: no other act gets it while the run may still use it.

    The name itself is not kept: `digest` is enough to find it taken.
    """

    __tablename__ = "name_reservations"

    org_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organizations.org_id"), index=True, primary_key=True
    )
    system: Mapped[str] = mapped_column(String(255), primary_key=True)
    """The connection at whose system the name is to be had."""
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the organization and the name, whose case and width do not count."""
    act_key: Mapped[str] = mapped_column(String(64), index=True)
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflow_runs.run_id"), index=True)
    node_key: Mapped[str] = mapped_column(String(250))
    map_index: Mapped[int] = mapped_column(Integer, default=-1, server_default="-1")
    reserved_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
