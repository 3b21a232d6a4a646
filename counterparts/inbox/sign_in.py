"""A login and a password for the inbox: over SMTP (RFC 4954, PLAIN alone) and on its web page."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Account:
    user: str
    password: str

    def check_password(self, user: str | None, password: str | None) -> bool:
        """In the words of maildump's web page, which asks this of an htpasswd file."""
        given = f"{user}\0{password}".encode()
        return hmac.compare_digest(given, f"{self.user}\0{self.password}".encode())

    def signs_in(self, initial_response: str) -> bool:
        """RFC 4616: the identity to act as (left empty), the login and the password, divided by NUL."""
        try:
            _, user, password = base64.b64decode(initial_response, validate=True).decode().split("\0")
        except (binascii.Error, ValueError):
            return False
        return self.check_password(user, password)


def demanding(channel: type[Any], account: Account) -> type[Any]:
    """A channel of `smtpd` that takes mails of this account alone."""

    class Channel(channel):  # type: ignore[misc] # which of two modules has it is only known at run time
        signed_in = False

        def push(self, msg: str) -> None:
            if msg == "250 HELP":  # the last line of the answer to EHLO
                super().push("250-AUTH PLAIN")
            super().push(msg)

        def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802 - smtpd looks for it by this name
            mechanism, _, initial_response = (arg or "").partition(" ")
            if mechanism.upper() != "PLAIN" or not initial_response:
                self.push("504 5.5.4 AUTH PLAIN with an initial response, please")
                return
            self.signed_in = account.signs_in(initial_response)
            self.push(
                "235 2.7.0 Authentication successful"
                if self.signed_in
                else "535 5.7.8 Authentication credentials invalid"
            )

        def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - smtpd looks for it by this name
            if self.signed_in:
                super().smtp_MAIL(arg)
            else:
                self.push("530 5.7.0 Authentication required")

    return Channel
