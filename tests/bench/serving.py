"""Serving a root file system to nodes and checking one: beside Python's own web server and coreutils' sha256sum."""

import asyncio
import http.client
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from tui.artifacts.inspect import sha256
from tui.artifacts.model import quiet
from tui.boot.model import Request
from tui.boot.server import FileServer
from tui.plan.model import Boot, Node, Plan, Topology

SIZE = 400 * 1024 * 1024


def run() -> list[str]:
    """Ratios of this run."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "rootfs.img"
        block = bytes(range(256)) * 4096
        with file.open("wb") as out:
            for _ in range(SIZE // len(block)):
                out.write(block)
        return [_serving(file), _checking(file)]


def _fetch(url: str) -> float:
    """Seconds that one client takes."""
    parts = urlsplit(url)
    began = time.perf_counter()
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
    connection.request("GET", parts.path)
    response = connection.getresponse()
    done = 0
    while chunk := response.read(1024 * 1024):
        done += len(chunk)
    connection.close()
    assert done == SIZE
    return time.perf_counter() - began


def _serving(file: Path) -> str:
    baseline = _plain_server(file)
    ours, told = asyncio.run(_our_server(file))
    plain = f"python -m http.server ({SIZE / baseline / 1e6:.0f} MB/s)"
    return f"file server: {SIZE / ours / 1e6:.0f} MB/s, {baseline / ours:.2f} of {plain}; {told} words a transfer"


def _plain_server(file: Path) -> float:
    arguments = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]
    server = subprocess.Popen(arguments, cwd=file.parent, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    url = server.stdout.readline().partition("(")[2].partition(")")[0]
    try:
        return min(_fetch(f"{url}{file.name}") for _ in range(3))
    finally:
        server.terminate()
        server.wait()


async def _our_server(file: Path) -> tuple[float, int]:
    told: list[Request] = []
    plan = Plan(topology=Topology(nodes=[Node(role="master", name="m", address="127.0.0.1")]), boot=Boot())
    server = FileServer(plan, {file.name: file}, "token", told.append)
    url = await server.start("127.0.0.1:0")
    try:
        seconds = [await asyncio.to_thread(_fetch, f"{url}/{file.name}") for _ in range(3)]
        return min(seconds), len(told) // 3
    finally:
        await server.close()


def _checking(file: Path) -> str:
    began = time.perf_counter()
    subprocess.run(["sha256sum", str(file)], check=True, stdout=subprocess.DEVNULL)
    baseline = time.perf_counter() - began
    began = time.perf_counter()
    asyncio.run(sha256(file, quiet))
    ours = time.perf_counter() - began
    return f"checksum: {SIZE / ours / 1e6:.0f} MB/s, {baseline / ours:.2f} of sha256sum"
