"""A mail server with a page to read its mails on."""
