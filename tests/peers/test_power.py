"""Machines switched through sushy-emulator: power, boot once, and the live ISO as a virtual CD."""

from pathlib import Path

import pytest
import requests

from tests.peers import servers as real
from tests.peers.pki import Authority
from tests.peers.servers import Servers, servers_fixture  # noqa: F401
from tui.boot.server import FileServer
from tui.engine.jobs import power
from tui.engine.work import Desk, Refused, Work
from tui.plan.files import dump
from tui.plan.model import Bmc, Boot, Node, Plan, PullSecret, Topology
from tui.session.directory import open_directory
from tui.session.rows import NodeRow
from tui.session.served import path_part

pytestmark = pytest.mark.peers
ADDRESS, PASSWORD = "10.99.1.30", "calvin-and-hobbes"
SYSTEM = "redfish/v1/Systems/da69abcc-dae0-4913-9a7b-d344043097c0"


class Rack:
    """A session whose one machine is behind a real Redfish service."""

    def __init__(self, servers: Servers, directory: Path, *, method: str = "redfish", given: str = PASSWORD) -> None:
        authority = Authority()
        self.port = real.sushy(servers, "admin", PASSWORD, authority.issue(servers.directory / "bmc", ADDRESS))
        self.listen = f"127.0.0.1:{real.free_port()}"
        node = Node(
            role="master", name="m1", address="127.0.0.1", bmc=Bmc(address=ADDRESS, user="admin", password="bmc")
        )
        self.plan = Plan(
            topology=Topology(cluster_name="c", base_domain="x.test", nodes=[node]),
            pull_secret=PullSecret(trust_bundle=authority.pem),
            boot=Boot(method=method, listen=self.listen),  # type: ignore[arg-type]
            endpoints={f"{ADDRESS}:443": f"127.0.0.1:{self.port}"},
        )
        session = open_directory(directory)
        session.plan.write_text(dump(self.plan))
        self.desk = Desk(session)
        self.desk.secrets.write("bmc", given.encode())
        self.desk.learn()

    def system(self) -> dict[str, object]:
        """What the controller says of its machine."""
        return self.get(SYSTEM)

    def get(self, path: str) -> dict[str, object]:
        """What another client than ours is told."""
        url = f"https://127.0.0.1:{self.port}/{path}"
        found: dict[str, object] = requests.get(url, auth=("admin", PASSWORD), verify=False, timeout=10).json()
        return found

    async def switch(self, action: str) -> dict[str, object]:
        """Runs the job as the engine does."""
        job = self.desk.store.job(self.desk.store.request("power", nodes=["m1"], action=action))
        assert job is not None
        return await power.run(Work(self.desk, job))

    def serving(self) -> None:
        """As if the job that serves files ran."""
        self.desk.store.set_job(self.desk.store.request("serve", listen=""), state="running")


@pytest.fixture(autouse=True)
def _unverified() -> None:
    requests.packages.urllib3.disable_warnings()  # type: ignore[attr-defined]


async def test_a_machine_is_switched_on_and_off_and_the_board_and_the_timeline_say_so(
    servers: Servers, tmp_path: Path
) -> None:
    rack = Rack(servers, tmp_path / "s")
    assert await rack.switch("on") == {"action": "on", "nodes": ["m1"]}
    assert rack.system()["PowerState"] == "On"
    row = rack.desk.store.fact(NodeRow, "m1.c.x.test")
    assert row is not None
    assert row.boot == "on"
    await rack.switch("off")
    assert rack.system()["PowerState"] == "Off"
    assert [e.text for e in rack.desk.store.events() if e.kind == "person"] == ["m1 switched on", "m1 switched off"]


async def test_an_installation_starts_once_from_the_live_iso_that_the_file_server_gives(
    servers: Servers, tmp_path: Path
) -> None:
    rack = Rack(servers, tmp_path / "s")
    with pytest.raises(Refused, match="file server is not running"):
        await rack.switch("install")
    rack.serving()
    (tmp_path / "live.iso").write_bytes(b"an image" * 1000)
    heard: list[str] = []
    server = FileServer(
        rack.plan, {"live.iso": tmp_path / "live.iso"}, path_part(rack.desk.store), lambda r: heard.append(r.file)
    )
    await server.start()
    try:
        await rack.switch("install")
    finally:
        await server.close()
    boot = rack.system()["Boot"]
    assert isinstance(boot, dict)
    assert (rack.system()["PowerState"], boot["BootSourceOverrideTarget"]) == ("On", "Cd")
    drive = rack.get(f"{SYSTEM}/VirtualMedia/Cd")
    assert (drive["Inserted"], drive["Image"]) == (True, f"{server.url}/live.iso")
    assert "live.iso" in heard


async def test_with_pxe_an_installation_starts_once_from_the_network(servers: Servers, tmp_path: Path) -> None:
    rack = Rack(servers, tmp_path / "s", method="pxe")
    rack.serving()
    await rack.switch("install")
    boot = rack.system()["Boot"]
    assert isinstance(boot, dict)
    assert boot["BootSourceOverrideTarget"] == "Pxe"


async def test_a_wrong_password_is_said_and_not_shown(servers: Servers, tmp_path: Path) -> None:
    rack = Rack(servers, tmp_path / "s", given="not-the-password")
    with pytest.raises(Refused, match="HTTP 401: it refuses this user and password") as refused:
        await rack.switch("on")
    assert "not-the-password" not in str(refused.value)


async def test_a_controller_that_is_not_trusted_is_not_given_the_password(servers: Servers, tmp_path: Path) -> None:
    rack = Rack(servers, tmp_path / "s")
    stranger = Authority("Another CA")
    rack.desk.plan_file.change(
        lambda plan: Plan(
            topology=plan.topology,
            pull_secret=PullSecret(trust_bundle=stranger.pem),
            boot=plan.boot,
            endpoints=plan.endpoints,
        )
    )
    with pytest.raises(Refused, match="certificate is not trusted"):
        await rack.switch("on")


async def test_a_controller_that_is_gone_is_said(servers: Servers, tmp_path: Path) -> None:
    rack = Rack(servers, tmp_path / "s")
    servers.stop(0)
    with pytest.raises(Refused, match=r"m1 \(10.99.1.30\): it cannot be reached"):
        await rack.switch("on")
