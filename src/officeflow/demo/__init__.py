"""The demonstration that `./officeflow up` ends with: one person is hired, and what came of it is read back
from every system.
"""
