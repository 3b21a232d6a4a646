"""Mails to the admins of an organization: that something waits for a second one of them, or that one alone
has carried it out.

A mail that goes out is noted afterwards: who is killed between sends it again, with the same Message-ID.
"""

from __future__ import annotations

import structlog

from officeflow.connectors.families.mail import Mail
from officeflow.database.engine import Database
from officeflow.errors import Rejected
from officeflow.people.mailing import Mailer
from officeflow.settings import Settings
from officeflow.workflows import release_letters
from officeflow.workflows.release_letters import Told

AT_ONCE = 20

log = structlog.get_logger(__name__)


class Announcing:
    """Called from one thread."""

    def __init__(self, database: Database, mailer: Mailer) -> None:
        self._database = database
        self._mailer = mailer

    @classmethod
    def from_settings(cls, settings: Settings, database: Database) -> Announcing | None:
        """None where the settings name no mail server."""
        mailer = Mailer.from_settings(settings)
        return None if mailer is None else cls(database, mailer)

    def announce(self) -> int:
        """Tell of what nobody was told of yet; returns of how much. Raises where the server is away."""
        with self._database.service() as session:
            letters = release_letters.untold(session, most=AT_ONCE)
        for letter in letters:
            for address in letter.to:
                self._send(letter, address)
            with self._database.service() as session:
                release_letters.told(session, letter)
        return len(letters)

    def _send(self, letter: Told, address: str) -> None:
        mail = Mail(to=(address,), subject=letter.subject, text=letter.text)
        try:
            self._mailer.send(mail, key=f"{letter.key}:{address}")
        except Rejected as error:
            log.warning("a mail about a release is refused", release=str(letter.release_id), error=str(error))
