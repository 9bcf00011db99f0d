"""Real servers for the tests of the checks: dnsmasq, BIND, haproxy, docker-registry, chronyd, sushy-emulator.

Each function starts one on 127.0.0.1, name and time servers on ::1 too, and gives the port it answers on; `Servers`
ends them all with the test.
"""

import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import requests

HOST, HOST6 = "127.0.0.1", "::1"
START_SECONDS = 15.0


class Servers:
    """Starts servers in a directory of the test's own, and ends those it started."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, command: Sequence[str], ready: Callable[[], bool]) -> int:
        """Starts a program and waits until it answers; gives its place in `stop`. Skips where it is not installed."""
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed")
        log = (self.directory / f"{len(self._running)}-{Path(command[0]).name}.log").open("wb")
        with log:
            # A session of its own: some start the server as a child, and both must end.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._running.append(process)
        until = time.monotonic() + START_SECONDS
        while not (is_ready := ready()) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        if not is_ready or process.poll() is not None:
            raise AssertionError(f"{command[0]} did not start: {Path(log.name).read_text(errors='replace')}")
        return len(self._running) - 1

    def stop(self, which: int) -> None:
        """Ends one server and waits for it."""
        process = self._running[which]
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def close(self) -> None:
        """Ends all."""
        for which, process in enumerate(self._running):
            if process.poll() is None:
                self.stop(which)

    def file(self, name: str, text: str) -> Path:
        """A file in the test's directory."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture(name="servers")
def servers_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """Real servers that end with the test."""
    if os.geteuid() != 0:
        pytest.skip("real servers are started as root")
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:/usr/sbin:/sbin")
    directory = tmp_path / "servers"
    directory.mkdir()
    running = Servers(directory)
    yield running
    running.close()


_GIVEN: set[int] = set()


def free_port(*kinds: socket.SocketKind) -> int:
    """A port free for these kinds (TCP where none is named), below those that clients are given by the kernel.

    None is given twice: one that is meant to be silent must not become another server's.
    """
    while True:
        port = random.randrange(20000, 32000)
        if port in _GIVEN:
            continue
        with contextlib.suppress(OSError), contextlib.ExitStack() as probes:
            for kind in kinds or (socket.SOCK_STREAM,):
                probes.enter_context(socket.socket(socket.AF_INET, kind)).bind((HOST, port))
            _GIVEN.add(port)
            if len(_GIVEN) > 4000:
                _GIVEN.clear()
            return port


def speaks_six() -> bool:
    """Whether this kernel has IPv6 on its loopback interface."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind((HOST6, 0))
        return True
    return False


def accepts(port: int) -> bool:
    """Whether something listens on this TCP port."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), 0.2):
        return True
    return False


def dnsmasq(servers: Servers, *options: str) -> int:
    """dnsmasq with these configuration lines and no others: it knows nothing else and has nobody to ask."""
    port = free_port(socket.SOCK_STREAM, socket.SOCK_DGRAM)
    listen = [f"listen-address={host}" for host in (HOST, HOST6) if host == HOST or speaks_six()]
    fixed = [f"port={port}", *listen, "bind-interfaces", "no-resolv", "no-hosts", "user=root"]
    path = servers.file(f"dnsmasq-{port}.conf", "\n".join([*fixed, "pid-file=", *options, ""]))
    servers.start(["dnsmasq", "--keep-in-foreground", "-C", str(path)], lambda: accepts(port))
    return port


def bind(servers: Servers, zone: str, records: str) -> int:
    """BIND, serving one zone from the text of its file; a zone it cannot load is answered with SERVFAIL."""
    port = free_port(socket.SOCK_STREAM, socket.SOCK_DGRAM)
    directory = servers.directory / f"bind-{port}"
    servers.file(f"bind-{port}/zone.db", records)
    options = (
        f'directory "{directory}"; recursion no; '
        f"listen-on port {port} {{ {HOST}; }}; listen-on-v6 port {port} {{ {HOST6}; }}; "
        f'pid-file "{directory}/pid"; session-keyfile "{directory}/key"; dnssec-validation no;'
    )
    text = f'options {{ {options} }};\ncontrols {{ }};\nzone "{zone}" {{ type primary; file "zone.db"; }};\n'
    path = servers.file(f"bind-{port}/named.conf", text)
    servers.start(["named", "-c", str(path), "-g"], lambda: accepts(port))
    return port


def haproxy(servers: Servers, sections: str, *ports: int) -> None:
    """haproxy with these sections; ready when all `ports` are listened on."""
    text = "global\n  log stdout format raw local0\ndefaults\n  retries 0\n  timeout connect 1s\n  timeout client 20s\n"
    path = servers.file(f"haproxy-{ports[0]}.cfg", f"{text}  timeout server 20s\n{sections}\n")
    servers.start(["haproxy", "-db", "-f", str(path)], lambda: all(accepts(port) for port in ports))


def registry(servers: Servers, pair: tuple[Path, Path], *, auth: str = "", plain: bool = False) -> tuple[int, int]:
    """docker-registry over TLS; `auth` is the YAML below `auth:`. Gives its port and its place in `Servers.stop`."""
    port = free_port()
    tls = "" if plain else f"  tls:\n    certificate: {pair[0]}\n    key: {pair[1]}\n"
    auth = f"auth:\n{auth}\n" if auth else ""
    store = servers.directory / f"registry-{port}"
    text = (
        f"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {store}\n"
        f"http:\n  addr: {HOST}:{port}\n{tls}{auth}"
    )
    path = servers.file(f"registry-{port}.yml", text)
    return port, servers.start(["docker-registry", "serve", str(path)], lambda: accepts(port))


def accounts_file(servers: Servers, name: str, user: str, password: str) -> Path:
    """A file of one account, made by Apache's htpasswd with cheap bcrypt."""
    if shutil.which("htpasswd") is None:
        pytest.skip("htpasswd is not installed")
    command = ["htpasswd", "-niB", "-C", "4", user]
    made = subprocess.run(command, input=password.encode(), capture_output=True, check=True)
    return servers.file(name, made.stdout.decode().strip() + "\n")


def htpasswd(servers: Servers, user: str, password: str) -> str:
    """The `auth` of a registry that knows one account, its file made by Apache's htpasswd."""
    path = accounts_file(servers, "htpasswd", user, password)
    return f"  htpasswd:\n    realm: mirror\n    path: {path}"


def chronyd(servers: Servers, *, ahead: int = 0, synchronised: bool = True) -> int:
    """chronyd that serves its clock and touches no other; `ahead` seconds by the library faketime."""
    port = free_port(socket.SOCK_DGRAM)
    local = "local stratum 8\n" if synchronised else ""
    own = [HOST, HOST6] if speaks_six() else [HOST]
    text = "".join(f"bindaddress {host}\nallow {host}\n" for host in own)
    text += f"port {port}\ncmdport 0\npidfile {servers.directory}/chrony-{port}.pid\n"
    path = servers.file(f"chrony-{port}.conf", text + local)
    shifted = ["faketime", "-f", f"{ahead:+d}s"] if ahead else []
    if shifted:
        _forget_ended_faketimes()
    command = [*shifted, "chronyd", "-x", "-d", "-u", "root", "-f", str(path)]
    servers.start(command, lambda: _answers_time(port))
    return port


def _forget_ended_faketimes() -> None:
    """A killed faketime leaves its shared memory, and another one that gets its process number refuses to start."""
    for left in Path("/dev/shm").glob("*faketime_*"):
        if not Path(f"/proc/{left.name.rpartition('_')[2]}").exists():
            left.unlink(missing_ok=True)


def sushy(servers: Servers, user: str, password: str, pair: tuple[Path, Path] | None = None) -> int:
    """sushy-emulator with one fake machine, behind Basic authentication; over TLS where a certificate is given."""
    port = free_port()
    accounts = accounts_file(servers, f"sushy-{port}.htpasswd", user, password)
    machine = {"uuid": "da69abcc-dae0-4913-9a7b-d344043097c0", "name": "m1", "power_state": "Off", "nics": []}
    settings = {
        "SUSHY_EMULATOR_LISTEN_IP": HOST,
        "SUSHY_EMULATOR_LISTEN_PORT": port,
        "SUSHY_EMULATOR_FAKE_DRIVER": True,
        "SUSHY_EMULATOR_FAKE_SYSTEMS": [machine],
        "SUSHY_EMULATOR_AUTH_FILE": str(accounts),
        "SUSHY_EMULATOR_STATE_DIR": str(servers.directory / f"sushy-{port}"),
    }
    if pair:
        settings |= {"SUSHY_EMULATOR_SSL_CERT": str(pair[0]), "SUSHY_EMULATOR_SSL_KEY": str(pair[1])}
    (servers.directory / f"sushy-{port}").mkdir()
    lines = "\n".join(f"{name} = {value!r}" for name, value in settings.items())
    path = servers.file(f"sushy-{port}.conf", lines)
    program = str(Path(sys.executable).parent / "sushy-emulator")
    servers.start([program, "--config", str(path)], lambda: accepts(port))
    return port


class Pusher:
    """Puts images into a registry by its API, so that real manifests lie there under real digests."""

    def __init__(self, base: str, ca: Path, account: tuple[str, str] | None) -> None:
        self._base, self._session = base, requests.Session()
        self._session.verify, self._session.trust_env = str(ca), False
        if account:
            self._session.auth = account

    def blob(self, path: str, data: bytes) -> dict[str, object]:
        """Uploads a blob; gives its descriptor without media type."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        begun = self._session.post(f"{self._base}/v2/{path}/blobs/uploads/", timeout=10)
        begun.raise_for_status()
        place = begun.headers["Location"]
        place = place if place.startswith("http") else self._base + place
        mark = "&" if "?" in place else "?"
        self._session.put(f"{place}{mark}digest={digest}", data=data, timeout=10).raise_for_status()
        return {"size": len(data), "digest": digest}

    def image(self, path: str, *layers: bytes, tag: str = "") -> str:
        """Pushes an image of these layers; gives its digest."""
        kinds = "application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip"
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": kinds[0], **self.blob(path, b'{"architecture":"amd64","os":"linux"}')},
            "layers": [{"mediaType": kinds[1], **self.blob(path, layer)} for layer in layers],
        }
        data = json.dumps(manifest).encode()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        answer = self._session.put(
            f"{self._base}/v2/{path}/manifests/{tag or digest}",
            data=data,
            headers={"Content-Type": str(manifest["mediaType"])},
            timeout=10,
        )
        answer.raise_for_status()
        return digest


def release_layer(components: Mapping[str, str]) -> bytes:
    """A layer as a release image has it: release-manifests/image-references naming the component images."""
    tags = [{"name": name, "from": {"kind": "DockerImage", "name": image}} for name, image in components.items()]
    document = json.dumps({"kind": "ImageStream", "apiVersion": "image.openshift.io/v1", "spec": {"tags": tags}})
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("release-manifests/image-references")
        entry.size = len(document)
        archive.addfile(entry, io.BytesIO(document.encode()))
    return packed.getvalue()


def _answers_time(port: int) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.1)
        probe.connect((HOST, port))
        probe.send(b"\x23" + bytes(47))
        return len(probe.recv(100)) >= 48
    return False
