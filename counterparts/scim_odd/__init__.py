"""SCIM servers that depart from the RFC, played."""
