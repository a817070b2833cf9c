"""Serving the site: granian with its processes, and beside them one that works on the queue."""

import ctypes
import errno
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from importlib import import_module

from madang.numerics.errors import InstallationError
from madang.ui.terminal import translate as _

ADDRESS = "127.0.0.1"
PROCESSES = 2
THREADS = 4
_PR_SET_PDEATHSIG = 1
_SERVER_PID = "MADANG_SERVER_PID"


def require_port(port: int, address: str = ADDRESS) -> None:
    """Refuse to go on where the port is taken.

    Raises
    ------
    InstallationError
        Saying so, and how to choose another.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                fault = _("Port %(port)d is in use. Stop what uses it, or choose another with --port.")
            else:
                fault = _("Port %(port)d cannot be used (%(error)s). Choose another with --port, above 1023.")
            raise InstallationError(
                "port_not_free", fault % {"port": port, "error": error.strerror}, {"port": port}
            ) from error


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends, however that ends (Linux only).

    Without it, a server killed outright would leave worker processes behind that hold its port.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.environ.get(_SERVER_PID, "") not in {"", str(os.getppid())}:
        # The parent ended before the kernel was asked.
        os._exit(1)


def serve(port: int, *, address: str = ADDRESS, with_worker: bool = True) -> None:
    """Serve until a signal ends it.

    Parameters
    ----------
    port : int
        Where to listen.
    address : str
        Address to listen on; a reverse proxy stands before it in production.
    with_worker : bool
        Whether a process is started that works on the queue.

    Notes
    -----
    The site is loaded here once, and where processes are forked (Linux) they have it already, which halves the time to
    the first answer. Nothing may be open when they are: the caller closes its connections, and this process has no
    threads.
    """
    from granian import Granian
    from granian.constants import Interfaces

    import_module("madang.site.wsgi")
    import_module("madang.site.urls")
    os.environ[_SERVER_PID] = str(os.getpid())
    server = Granian(
        "madang.ops.wsgi:application",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=PROCESSES,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_enabled=False,
        websockets=False,
    )
    if with_worker:
        worker = multiprocessing.Process(target=_work, name="queue-worker", daemon=True)
        worker.start()
        server.on_shutdown(worker.terminate)
    server.serve()


def _work() -> None:
    die_with_parent()
    # A Ctrl-C in the terminal reaches every process; the one that serves tells this one when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work_until_stopped()


def work_until_stopped() -> None:
    """Work on the queue in this process until SIGINT or SIGTERM; the task in hand is finished first."""
    from madang.yard.audit.worker import Worker

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_arguments: stop.set())
    logging.getLogger("madang.worker").info("worker %d started", os.getpid())
    Worker(stop).run()
