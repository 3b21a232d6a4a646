"""A worker whose task has succeeded ends it and takes over the next one of the same run, in one call."""
