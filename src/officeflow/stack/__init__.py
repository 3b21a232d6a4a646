"""The real servers on one machine: what `./officeflow up` starts, watches and stops."""
