"""Airflow's dag-processor, as OfficeFlow runs it: `python -m dag_factory.process dag-processor …`.

What the files of workflows import is imported once, before the processes are forked that read them. Beside it
the process is kept that checks definitions (`dag_factory.checker`), and a publisher who tells that one of a
new version need not wait until the bundle is looked at again.
"""

from __future__ import annotations

import selectors
import socket
import sys

from officeflow.catalog import registry
from officeflow.runtime import airflow_process
from officeflow.settings import load_settings
from officeflow.workflows import check_code

CHECKER = "checker"
"""Instead of a command of Airflow's: the kept process, started again by itself."""

MANAGER = "DagFileProcessorManager"
"""The name under which Airflow's command finds the class of what reads the files."""

MOST_NEWS = 4096
"""Bytes, of which each is a publication; one look is enough for all."""


def preload() -> None:
    """Takes some seconds, once; it opens nothing and starts no thread. Node types of other packages are not
    imported: each process that needs them takes them as they are by then.
    """
    import airflow.cli.commands.dag_processor_command
    import airflow.serialization.serialized_objects

    from dag_factory import bundle, stubs
    from dag_factory.operators import operator_class

    del airflow, bundle, stubs
    for name in registry.type_names():
        if registry.is_ours(name):
            operator_class(name)


def refresh_when_told(news: socket.socket) -> None:
    """Let Airflow's dag-processor look at our bundle as soon as something arrives on the socket."""
    from airflow.cli.commands import dag_processor_command
    from airflow.dag_processing.manager import DagFileProcessorManager

    from dag_factory.bundle import WorkflowBundle

    class Manager(DagFileProcessorManager):
        def prepare_process_context(self) -> None:
            super().prepare_process_context()
            self.selector.register(news, selectors.EVENT_READ, (self.hear, self.selector.unregister))

        def hear(self, news: socket.socket) -> bool:
            """False where nothing will come any more."""
            if not news.recv(MOST_NEWS):
                return False
            ours = (bundle.name for bundle in self._dag_bundles if isinstance(bundle, WorkflowBundle))
            self.request_bundle_refresh(ours)
            return True

    setattr(dag_processor_command, MANAGER, Manager)


def main() -> None:
    fingerprint = check_code.fingerprint()
    airflow_process.prepare()
    preload()
    if sys.argv[1] == CHECKER:
        from dag_factory import checker

        checker.started_again(sys.argv[2], int(sys.argv[3]), fingerprint)
    if path := load_settings().check_socket:
        from dag_factory import checker

        refresh_when_told(checker.beside_this_process(path, fingerprint))
    airflow_process.run()


if __name__ == "__main__":
    main()
