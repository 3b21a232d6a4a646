"""A mail server's replies and silences as ours.

A 4yz reply asks to come again, a 5yz does not (RFC 5321 section 4.2.1).
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from officeflow.connectors.smtp.replies import Reply
from officeflow.connectors.telling import why
from officeflow.errors import ConnectorError, Rejected, Transient, Unauthorized

SECURITY = (
    "the connection's security is tls where the server begins encrypted (port 465), starttls (587) or none"
    " (25) where it does not"
)

# RFC 4954 section 6: what a server answers to wrong, weak or missing credentials.
UNAUTHORIZED = frozenset({530, 534, 535, 538})


def refusal(reply: Reply, *, during: str) -> ConnectorError:
    """The error for a reply that is no success.

    Nothing was sent: a server that says no has not taken the mail.

    A code that is neither yes nor no leaves it open for another try.
    """
    message = f"the mail server answered {reply.code} to {during}: {reply.text}"
    if reply.code in UNAUTHORIZED:
        return Unauthorized(
            message,
            operation=during,
            status=reply.code,
            hint="check the connection's login and password",
        )
    kind = Rejected if 500 <= reply.code < 600 else Transient
    return kind(message, operation=during, status=reply.code)


def all_refused(refused: Mapping[str, Reply]) -> ConnectorError:
    """The error where every recipient was refused for good."""
    reply = min(refused.values(), key=lambda reply: reply.code)
    names = ", ".join(refused)
    return refusal(reply, during=f"the recipients {names}" if len(refused) > 1 else f"the recipient {names}")


@contextmanager
def translated(during: str, *, maybe_done: bool = False) -> Iterator[None]:
    """Turns what smtplib and the socket raise into ours.

    `maybe_done` is for the moment after the whole mail was handed over.
    """
    try:
        yield
    except smtplib.SMTPResponseException as error:
        text = (
            error.smtp_error.decode("utf-8", "replace")
            if isinstance(error.smtp_error, bytes)
            else str(error.smtp_error)
        )
        raise refusal(Reply(error.smtp_code, text), during=during) from error
    except smtplib.SMTPNotSupportedError as error:
        hint = "the server does not offer what the connection asks for: correct its security or login"
        raise Rejected(f"{during}: {error}", operation=during, hint=hint) from error
    except ssl.SSLCertVerificationError as error:
        hint = "set the connection's ca_file to the authority's certificate"
        raise Rejected(f"{during}: {why(error)}", operation=during, hint=hint) from error
    except (smtplib.SMTPException, OSError) as error:
        hint = SECURITY if isinstance(error, ssl.SSLError) else ""
        raise Transient(
            f"{during}: {why(error)}", operation=during, maybe_done=maybe_done, hint=hint
        ) from error
