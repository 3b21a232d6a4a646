"""What the vendors' fakes share: validation against the vendor's own description, state, faults, tokens
and the journal.
"""
