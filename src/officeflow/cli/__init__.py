"""The `officeflow` command, a file per subject."""
