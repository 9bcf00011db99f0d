"""Canaries planted wherever a secret can enter; then everything that is stored, exported or shown is searched."""

import asyncio
import base64
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.scene import full, plan
from tui.cli import run
from tui.engine.engine import Engine
from tui.engine.ingest import Ingest
from tui.engine.work import Desk, Refused, Work
from tui.hints.model import Facts, Hint
from tui.hints.rules import Match, Rule
from tui.lines import Batch, Line
from tui.secrets import Redactor
from tui.session.export import export
from tui.session.session import Session

PASSWORD = "canary-mirror-password-7431"
AUTH = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
KUBEADMIN = "cAnry-kUbe4-dm1nP-ass99"
BMC = "canary-bmc-password-5520"
KEY_LINE = "canaryKEYb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ"
KEY = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{KEY_LINE}\n-----END OPENSSH PRIVATE KEY-----\n"
TOKEN = "sha256~canarytokenAbCdEfGhIjKlMnOpQrStUvWxYz0123456"
KUBE_KEY = base64.b64encode(b"canary client key data of the administrator").decode()
CANARIES = (PASSWORD, AUTH, KUBEADMIN, BMC, KEY_LINE, TOKEN, KUBE_KEY)

LINES = [
    f"pulling with auth {AUTH} as admin:{PASSWORD}",
    f'level=info msg="Login to the console with user: \\"kubeadmin\\", and password: \\"{KUBEADMIN}\\""',
    f"Authorization: Bearer {TOKEN}",
    f'{{"auths":{{"mirror:5000":{{"auth":"{AUTH}"}}}}}}',
    f"client-key-data: {KUBE_KEY}",
    f"leaked: {KEY.replace(chr(10), ' ')}",
    f"https://root:{BMC}@192.168.31.20/redfish/v1",
]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    session = Session(tmp_path / "session")
    session.replace(plan())
    pull_secret = {"auths": {"mirror:5000": {"auth": AUTH, "email": "a@b.example"}}}
    session.secrets.write("pull-secret", json.dumps(pull_secret, indent=2).encode())
    session.secrets.write("bmc-password", BMC.encode())
    session.secrets.write("ssh-key", KEY.encode())
    session.decide("pull_secret.pull_secret", "pull-secret")
    auth = session.directory.install / "auth"
    auth.mkdir(parents=True, mode=0o700)
    (auth / "kubeadmin-password").write_text(KUBEADMIN)
    (auth / "kubeconfig").write_text(f"users:\n- name: admin\n  user:\n    client-key-data: {KUBE_KEY}\n")
    (session.directory.install / "bootstrap.ign").write_text(json.dumps({"secret": PASSWORD}))
    (session.directory.install / ".openshift_install.log").write_text("\n".join(LINES))
    session.directory.generated.mkdir()
    (session.directory.generated / "install-config.yaml").write_text(f"pullSecret: '{LINES[3]}'\n")
    return session


def found_in(data: bytes) -> list[str]:
    return [canary for canary in CANARIES if canary.encode() in data]


def everything_stored(session: Session) -> Iterator[tuple[Path, bytes]]:
    """All files of the session but those that are the secrets' own place."""
    own = (session.directory.secrets, session.directory.install, session.directory.generated)
    for path in session.directory.path.rglob("*"):
        if path.is_file() and not any(path.is_relative_to(place) for place in own):
            yield path, path.read_bytes()


async def take_in(desk: Desk, lines: list[str]) -> None:
    ingest = Ingest(desk, ())
    task = asyncio.create_task(ingest.run())
    await ingest.deliver(Batch(source=full("bootstrap"), lines=[Line(text=line) for line in lines], cursor="c1"))
    task.cancel()


async def test_no_secret_of_a_journal_reaches_the_database(session: Session) -> None:
    desk = Desk(session.directory)
    await take_in(desk, LINES)
    assert len(session.store.lines()) == len(LINES)
    for path, data in everything_stored(session):
        assert found_in(data) == [], path


async def test_a_secret_given_after_the_lines_came_is_taken_out_of_them(session: Session) -> None:
    desk = Desk(session.directory)
    late = "canary-given-late-9920"
    await take_in(desk, [f"the password is {late}"])
    session.secrets.write("late", late.encode())
    desk.learn()
    desk.store.close()
    for path, data in everything_stored(session):
        assert late.encode() not in data, path


async def test_a_secret_given_while_lines_come_is_not_written_again_by_those_who_judged_its_line(
    session: Session,
) -> None:
    late = "canary-given-late-9920"
    rule = Rule(
        id="login-failed",
        title="Login",
        severity="error",
        phase="bootstrap",
        match=[Match(literals=["login failed"], pattern="login failed for (?P<who>\\S+)")],
        cause="{who} may not.",
        remedy=["Ask {who}."],
    )
    desk, node = Desk(session.directory), full("bootstrap")
    ingest = Ingest(desk, (rule,))
    task = asyncio.create_task(ingest.run())
    strange = f"panic: flux capacitor torn asunder in vortex {late}: refusing to energise"
    texts = [f"login failed for {late}", strange, f"login failed again, login failed for {late}"]
    for number, text in enumerate(texts):
        if number == 2:
            session.secrets.write("late", late.encode())
            desk.learn()
        lines = [Line(text=text, time=number, node=node, unit="bootkube")]
        await ingest.deliver(Batch(source=node, lines=lines, cursor=str(number)))
        ingest.tick(Facts())
    ingest.note("release-image", "", "running", 9)
    task.cancel()
    hint = session.store.fact(Hint, f"login-failed|{node}|bootkube")
    assert hint is not None
    assert hint.count == 2, "what was judged before goes on"
    assert "unexplained" in {hint.id for hint in session.store.facts(Hint)}
    desk.store.close()
    for path, data in everything_stored(session):
        assert late.encode() not in data, path


async def test_a_job_that_fails_with_a_secret_in_its_words_says_them_without_it(session: Session) -> None:
    async def leaky(work: Work) -> dict[str, object]:
        work.progress(f"trying with {PASSWORD}")
        raise Refused(f"refused for {LINES[0]}")

    desk = Desk(session.directory)
    job = desk.store.request("leaky")
    engine = Engine(desk, {"leaky": leaky})
    task = asyncio.create_task(engine.run())
    while not ((row := session.store.job(job)) and row.finished):
        await asyncio.sleep(0.02)
    engine.end()
    await task
    for path, data in everything_stored(session):
        assert found_in(data) == [], path


async def test_the_export_holds_no_secret_and_no_ignition_file(session: Session, tmp_path: Path) -> None:
    await take_in(Desk(session.directory), LINES)
    # Even rows that another tool wrote unredacted are clean in the archive.
    session.store.add_lines([Line(text=LINES[0], source="elsewhere", number=session.store.last_line() + 1)])
    session.store.tell("person", LINES[1])
    path = export(session.directory, session.store, tmp_path / "out.tar.gz")
    assert path.stat().st_mode & 0o077 == 0
    with tarfile.open(path) as archive:
        names = [member.name.partition("/")[2] for member in archive.getmembers()]
        contents = b"".join(file.read() for member in archive if (file := archive.extractfile(member)))
    assert found_in(contents) == []
    assert {"report.md", "timeline.txt", "checks.json", "hints.json", "plan.yaml"} <= set(names)
    assert f"journals/{full('bootstrap')}.log" in names
    assert "generated/install-config.yaml" in names
    assert not [name for name in names if name.endswith(".ign") or "auth/" in name or "secrets/" in name]
    assert b"[redacted]" in contents


def test_ocp_tui_export_writes_the_same_archive_without_an_engine(session: Session, tmp_path: Path) -> None:
    out = tmp_path / "log.tar.gz"
    assert run(["export", "--session", str(session.directory.path), "--out", str(out)]) == 0
    with tarfile.open(out) as archive:
        contents = b"".join(file.read() for member in archive if (file := archive.extractfile(member)))
    assert found_in(contents) == []


def test_no_process_of_ours_has_a_secret_in_its_arguments(session: Session) -> None:
    from tui.engine.client import attach, running
    from tui.session.rows import EngineRow

    attach(session)
    while not ((row := session.store.fact(EngineRow)) and running(session)):
        pass
    job = session.store.request("generate", configs_only=True)
    try:
        while not ((done := session.store.job(job)) and done.finished):
            arguments = subprocess.run(["ps", "-eo", "args", "ww"], capture_output=True, check=True).stdout
            environments = Path(f"/proc/{row.pid}/environ").read_bytes()
            assert found_in(arguments) == []
            assert found_in(environments) == []
    finally:
        os.kill(row.pid, 9)


@pytest.mark.parametrize("line", LINES)
def test_the_redactor_needs_no_knowledge_for_what_has_a_secrets_shape(line: str) -> None:
    redacted = Redactor()(line)
    if line is LINES[0]:
        assert redacted == line, "a bare word is known only by being told"
    else:
        assert found_in(redacted.encode()) == [], redacted


def test_ordinary_lines_pass_the_redactor_unchanged() -> None:
    for line in (
        'Get "https://quay.io/v2/": dial tcp: lookup quay.io on 192.168.31.160:53: read: connection refused',
        "auth: no credentials found for mirror.example.com:5000",
        "Password authentication is disabled",
        'flags.go:64] FLAG: --anonymous-auth="false"',
        "https://api-int.ocp4.example.com:22623/config/master: attempt #4",
    ):
        assert Redactor()(line) == line
