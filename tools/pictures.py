"""Retake the README's pictures from a running site: a sample district is made, served and photographed.

Run `make pictures`. Needs a Chromium on the machine. The same seed gives the same district, so a picture changes only
where a page does.
"""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: its file, the page, and how it is looked at."""

    name: str
    path: str
    width: int = 1280
    height: int = 1000
    scheme: str = "light"
    language: str = "ko"


PICTURES = (
    Picture(name="home", path="/"),
    Picture(name="report-phone", path="/report/", width=390, height=844),
    Picture(name="pledges", path="/pledges/"),
    Picture(name="money", path="/money/"),
)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def take(browser: Browser, address: str, picture: Picture) -> None:
    """Photograph one page."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        locale=picture.language,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address + picture.path)
    page.screenshot(path=FOLDER / f"{picture.name}.png")
    context.close()
    print(FOLDER / f"{picture.name}.png")


def main() -> int:
    """Make a district, serve it, take every picture."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("A Chromium is needed: apt-get install chromium fonts-nanum", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "madang", "up", "--data", f"{folder}/data", "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            _wait(port)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
                for picture in PICTURES:
                    take(browser, f"http://127.0.0.1:{port}", picture)
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=30)
    return 0


def _wait(port: int) -> None:
    end = time.monotonic() + 180
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the site did not begin to answer")


if __name__ == "__main__":
    sys.exit(main())
