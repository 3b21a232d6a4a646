"""The connectors of the directory on paper."""
