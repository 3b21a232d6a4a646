"""What the platform is at, read from its servers and its processes: nothing here changes anything."""
