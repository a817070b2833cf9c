"""A server that is killed outright loses nothing that it acknowledged, and keeps nothing twice."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from tests.ops.conftest import run_madang

CLIENTS, ISSUES_EACH = 50, 4
# Killed when so many of the 200 issues are acknowledged: by progress, whatever the speed of the machine.
KILL_AT = (20, 60, 100)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`madang up`, killed and started again."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        self.log = (data.parent / "server.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MADANG_")}
        deadline = time.monotonic() + 60
        while True:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "madang", "up", "--data", str(self.data), "--port", str(self.port)],
                stdout=subprocess.DEVNULL, stderr=self.log, env=environment,
            )  # fmt: skip
            while self.process.poll() is None:
                try:
                    socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                except OSError:
                    assert time.monotonic() < deadline, "the server does not answer"
                    time.sleep(0.05)
                else:
                    return
            # The kernel may need a moment to take the port from the processes that were killed.
            assert time.monotonic() < deadline, Path(self.log.name).read_text()
            time.sleep(0.2)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Client(threading.Thread):
    """A resident's phone: reports issues one after another, and asks again until each is acknowledged."""

    def __init__(self, port: int, dong: str, number: int) -> None:
        super().__init__(daemon=True)
        self.port, self.dong, self.number = port, dong, number
        self.acknowledged: dict[str, str] = {}
        self.tries = 0

    def run(self) -> None:
        for issue in range(ISSUES_EACH):
            key = uuid4().hex
            body = json.dumps({"dong": self.dong, "category": "road", "text": f"issue {self.number}-{issue}"})
            while key not in self.acknowledged:
                self.tries += 1
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                try:
                    connection.request(
                        "POST", "/api/v1/autonomy/issues", body,
                        {"Content-Type": "application/json", "Idempotency-Key": key},
                    )  # fmt: skip
                    answer = connection.getresponse()
                    content = answer.read()
                except (OSError, http.client.HTTPException):
                    time.sleep(0.1)
                    continue
                finally:
                    connection.close()
                if answer.status in {200, 201}:
                    self.acknowledged[key] = json.loads(content)["receipt"]
                else:
                    assert answer.status in {429, 503}, content
                    time.sleep(0.2)
            time.sleep(0.05)


def wait_until_acknowledged(clients: list[Client], enough: int) -> None:
    deadline = time.monotonic() + 120
    while sum(len(client.acknowledged) for client in clients) < enough:
        assert time.monotonic() < deadline, "the server acknowledges nothing"
        time.sleep(0.005)


@pytest.mark.slow
def test_fifty_clients_and_three_kills(tmp_path: Path, own_database: str) -> None:
    data = tmp_path / "data"
    database = ["--database", own_database] if own_database else []
    prepared = run_madang("up", "--no-serve", "--no-sample", "--district", "29140", "--data", data, *database, "--json")
    assert prepared.code == 0, prepared.err
    server = Server(data, free_port())
    server.start()
    clients = [Client(server.port, "29140104", number) for number in range(CLIENTS)]
    try:
        for client in clients:
            client.start()
        for enough in KILL_AT:
            wait_until_acknowledged(clients, enough)
            assert any(client.is_alive() for client in clients), "the clients were done before the last kill"
            server.kill()
            server.start()
        for client in clients:
            client.join(timeout=120)
            assert not client.is_alive()
    finally:
        server.kill()
        server.log.close()

    acknowledged = {key: receipt for client in clients for key, receipt in client.acknowledged.items()}
    assert len(acknowledged) == CLIENTS * ISSUES_EACH
    assert len(set(acknowledged.values())) == len(acknowledged), "two issues share a receipt"
    kept = Counter(stored_keys(data))
    assert [key for key in acknowledged if kept[key] != 1] == []
    assert sum(kept.values()) == len(acknowledged), "something was kept that no one was told of twice"
    verdict = run_madang("audit", "verify", "--data", data, "--json")
    assert verdict.code == 0, verdict.err
    assert verdict.json["sound"]


def stored_keys(data: Path) -> list[str]:
    program = (
        "import sys, pathlib, json\n"
        "from madang.ops.installation import open_installation\n"
        "open_installation(pathlib.Path(sys.argv[1]))\n"
        "from madang.rooms.autonomy.models import Issue\n"
        "print(json.dumps(list(Issue.objects.values_list('idempotency_key', flat=True))))\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MADANG_")}
    done = subprocess.run(
        [sys.executable, "-c", program, str(data)], capture_output=True, text=True, check=True, env=environment
    )
    found: list[str] = json.loads(done.stdout)
    return found
