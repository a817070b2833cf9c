"""Public pages under load, beside a bare Django page served by the same server on the same machine in the same run.

Prints, for 20 clients on kept-open connections: requests a second, median and 99th percentile of latency, and the ratio
to the bare page. Run `python benchmarks/pages.py [--seconds N] [--clients N] [--data DIR]`; without DIR a small sample
district is made first.
"""

import argparse
import os
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

BARE = """
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(
    SECRET_KEY="bare", ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, DEBUG=False,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
)
urlpatterns = [path("", lambda request: HttpResponse("a bare page"))]
application = get_wsgi_application()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a run of many clients saw."""

    requests_per_s: float
    median_ms: float
    p99_ms: float
    bytes_per_page: int


class _Client:
    """One kept-open connection that asks for the same page again and again."""

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(10)
        self._request = request
        self._answer = b""
        self.begun = 0.0

    def ask(self) -> None:
        """Send the request."""
        self._answer = b""
        self.begun = time.perf_counter()
        self.socket.sendall(self._request)

    def listen(self) -> int:
        """Read what has come; return the size of the whole answer, or 0 while more is to come."""
        block = self.socket.recv(1 << 18)
        if not block:
            raise ConnectionError("the server closed the connection")
        self._answer += block
        head, mark, body = self._answer.partition(b"\r\n\r\n")
        if not mark:
            return 0
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(head.split(b"\r\n")[0].decode())
        length = next(
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
        )
        return len(self._answer) if len(body) >= length else 0


def load(port: int, path: str, *, clients: int, seconds: float) -> Load:
    """Let clients ask for a page as fast as they are answered."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: ko\r\nAccept-Encoding: gzip\r\n\r\n"
    ).encode()
    selector = selectors.DefaultSelector()
    crowd = [_Client(port, request) for _ in range(clients)]
    for client in crowd:
        selector.register(client.socket, selectors.EVENT_READ, client)
        client.ask()
    latencies: list[float] = []
    size = 0
    begun = time.perf_counter()
    while (now := time.perf_counter()) - begun < seconds:
        for key, _events in selector.select(timeout=1.0):
            if got := key.data.listen():
                size = got
                latencies.append(time.perf_counter() - key.data.begun)
                key.data.ask()
    for client in crowd:
        client.socket.close()
    latencies.sort()
    return Load(
        requests_per_s=len(latencies) / (now - begun),
        median_ms=1000 * latencies[len(latencies) // 2],
        p99_ms=1000 * latencies[int(len(latencies) * 0.99)],
        bytes_per_page=size,
    )


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, process: subprocess.Popen[bytes], seconds: float = 120.0) -> None:
    """Wait until something answers on a port."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not begin to answer")


def main() -> None:
    """Measure, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=8.0)
    options.add_argument("--clients", type=int, default=20)
    options.add_argument("--data", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        data = chosen.data or Path(folder, "data")
        madang = [sys.executable, "-m", "madang"]
        if chosen.data is None:
            subprocess.run([*madang, "up", "--no-serve", "--scale", "0.05", "--data", str(data)], check=True)
        Path(folder, "bare_page.py").write_text(BARE)
        bare_port, port = free_port(), free_port()
        bare = subprocess.Popen(
            [sys.executable, "-m", "granian", "bare_page:application", "--interface", "wsgi", "--workers", "2",
             "--blocking-threads", "4", "--port", str(bare_port), "--no-ws", "--no-log"],
            cwd=folder, env={**os.environ, "PYTHONPATH": folder},
        )  # fmt: skip
        own = subprocess.Popen([*madang, "up", "--port", str(port), "--data", str(data)], stdout=subprocess.DEVNULL)
        try:
            wait_for(bare_port, bare)
            wait_for(port, own)
            report(bare_port, port, chosen.clients, chosen.seconds)
        finally:
            for process in (own, bare):
                process.terminate()
                process.wait(timeout=30)


def report(bare_port: int, port: int, clients: int, seconds: float) -> None:
    """Load the bare page and each public page in turn, each pair together, and print the ratios."""
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/dongs/") as answer:  # own server
        page = answer.read().decode()
    dong = re.findall(r'href="(/dongs/[0-9]+/)"', page)[0]
    print(f"{clients} clients, {seconds:g} s each, server: 2 processes x 4 threads, {os.cpu_count()} cores\n")
    print(f"{'page':28} {'requests/s':>11} {'median ms':>10} {'p99 ms':>8} {'bytes':>8} {'to bare':>8}")
    for path in ("/", dong):
        load(port, path, clients=clients, seconds=1.0)
        load(bare_port, "/", clients=clients, seconds=1.0)
        bare = load(bare_port, "/", clients=clients, seconds=seconds)
        own = load(port, path, clients=clients, seconds=seconds)
        for name, run in (("bare Django page", bare), (path, own)):
            ratio = run.requests_per_s / bare.requests_per_s
            print(
                f"{name:28} {run.requests_per_s:11.0f} {run.median_ms:10.2f} {run.p99_ms:8.2f}"
                f" {run.bytes_per_page:8d} {ratio:8.2f}"
            )


if __name__ == "__main__":
    main()
