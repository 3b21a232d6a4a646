"""The course of a run itself."""
