"""Mail servers over SMTP (RFC 5321): a mail sender."""
