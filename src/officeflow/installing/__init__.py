"""How the launcher makes environments, before anything is installed: standard library only."""
