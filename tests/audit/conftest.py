from tests.command import officeflow

__all__ = ["officeflow"]
