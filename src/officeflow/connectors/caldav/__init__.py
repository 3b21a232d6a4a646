"""Calendar servers over CalDAV (RFC 4791): a calendar."""
