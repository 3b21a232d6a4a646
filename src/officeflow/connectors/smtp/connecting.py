"""Sessions of `smtplib` that connect to addresses which were checked.

`_get_socket` is where smtplib connects, and where `SMTP_SSL` puts TLS around it; certificates stay those of
the host's name.
"""

from __future__ import annotations

import smtplib
import socket
import ssl

from officeflow.connectors.networks import Limits, connect


class Smtp(smtplib.SMTP):
    """Connected when it is made. Raises as `networks.connect` and `smtplib.SMTP`."""

    def __init__(self, host: str, port: int, limits: Limits | None, timeout: float) -> None:
        self._limits = limits
        super().__init__(host, port, timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return connect(host, port, timeout, self._limits)


class SmtpTls(smtplib.SMTP_SSL, Smtp):
    """The same, encrypted from the first byte."""

    def __init__(
        self, host: str, port: int, limits: Limits | None, timeout: float, context: ssl.SSLContext
    ) -> None:
        self._limits = limits
        smtplib.SMTP_SSL.__init__(self, host, port, timeout=timeout, context=context)
