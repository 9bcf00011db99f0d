"""A labelled stand-in for openshift-install: replays what the real 4.15.0 was recorded to write and say.

It is strict where the real one is: it consumes install-config.yaml and the manifests, and refuses what is not there.
Environment that a test leaves in `behaviour.json` beside it changes what it does.
"""

import gzip
import json
import os
import sys
import time
from pathlib import Path

HERE = Path(sys.argv[0]).resolve().parent
DATA = Path((HERE / "data.txt").read_text())
BEHAVIOUR = json.loads((HERE / "behaviour.json").read_text())


def say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "wb") as file:
        file.write(data)


def manifests(directory: Path) -> int:
    config = directory / "install-config.yaml"
    if not config.exists():
        say("level=fatal msg=failed to fetch Master Machines: no install-config.yaml")
        return 1
    text = config.read_text()
    write(directory / ".openshift_install.log", text.encode())
    if BEHAVIOUR.get("refuse"):
        import yaml

        value = json.dumps(yaml.safe_load(text)["pullSecret"])
        wrapped = 'failed to fetch Master Machines: invalid "install-config.yaml" file'
        say(f"level=error msg={wrapped}: pullSecret: Invalid value: {value}: auths required")
        return 3
    if BEHAVIOUR.get("hang"):
        (HERE / "pid").write_text(str(os.getpid()))
        time.sleep(600)
    config.unlink()
    scheduler = (DATA / "4.15/cluster-scheduler-02-config.yml").read_bytes()
    write(directory / "manifests/cluster-scheduler-02-config.yml", b"{}" if BEHAVIOUR.get("strange") else scheduler)
    say("level=info msg=Consuming Install Config from target directory")
    say("level=warning msg=Making control-plane schedulable by setting MastersSchedulable to true for Scheduler")
    return 0


def ignition(directory: Path, names: list[str]) -> int:
    scheduler = directory / "manifests/cluster-scheduler-02-config.yml"
    (HERE / "scheduler.yml").write_text(scheduler.read_text())
    (HERE / "openshift.json").write_text(json.dumps(sorted(p.name for p in (directory / "openshift").glob("*"))))
    for path in [*(directory / "manifests").glob("*"), *(directory / "openshift").glob("*")]:
        path.unlink()
    for name in names:
        source = "4.7" if name == BEHAVIOUR.get("old") else "4.15"
        write(directory / name, gzip.decompress((DATA / source / f"ignition/{name}.gz").read_bytes()))
    if names[0].startswith("bootstrap-in-place"):  # recorded in another run than worker.ign: make them of one
        config, pointer = (json.loads((directory / name).read_text()) for name in names)
        root = next(f["contents"] for f in config["storage"]["files"] if f["path"].endswith("/tls/root-ca.crt"))
        pointer["ignition"]["security"]["tls"]["certificateAuthorities"] = [{"source": root["source"]}]
        write(directory / names[1], json.dumps(pointer).encode())
    write(directory / "metadata.json", b"{}")
    write(directory / "auth/kubeconfig", b"{}")
    write(directory / "auth/kubeadmin-password", b"AAAAA-BBBBB-CCCCC-DDDDD")
    return 0


def main() -> int:
    umask = os.umask(0)
    os.umask(umask)
    with (HERE / "calls.jsonl").open("a") as file:
        environment = {k: v for k, v in os.environ.items() if k.startswith("OPENSHIFT")}
        file.write(json.dumps({"argv": sys.argv[1:], "umask": umask, "environment": environment}) + "\n")
    directory = Path(sys.argv[sys.argv.index("--dir") + 1]) if "--dir" in sys.argv else Path()
    match sys.argv[1:3]:
        case ["create", "manifests"]:
            return manifests(directory)
        case ["create", "ignition-configs"]:
            return ignition(directory, ["bootstrap.ign", "master.ign", "worker.ign"])
        case ["create", "single-node-ignition-config"] if not BEHAVIOUR.get("old_command"):
            return ignition(directory, ["bootstrap-in-place-for-live-iso.ign", "worker.ign"])
    return 0


sys.exit(main())
