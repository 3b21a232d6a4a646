"""CEL for conditions and parameters, sandboxed Jinja for the bodies of messages and documents."""
