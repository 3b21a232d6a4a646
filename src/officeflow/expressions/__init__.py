"""What tenants may compute: CEL for conditions and parameters, sandboxed Jinja for the bodies of messages.

Nothing here can hold the process or fill its memory, whatever a tenant wrote: sizes and iterations are
bounded before and while it runs.
"""
