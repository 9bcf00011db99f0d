"""Secrets are taken and kept; no screen shows one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.screens import made_up
from tests.screens.grid import grid
from tests.screens.test_journeys import form, paste
from tui.app import OcpTui
from tui.plan.model import MirrorSource
from tui.plan.pull_secrets import summary

Wizard = Callable[..., OcpTui]
SIZE = (80, 24)


async def test_a_pull_secret_of_100_kb_pasted_pretty_printed_is_stored_and_never_shown(wizard: Wizard) -> None:
    import json

    document = {"auths": {f"registry-{n}.example.com": {"auth": f"czNjcmV0{n:032d}"} for n in range(1200)}}
    text = json.dumps(document, indent=4)
    assert len(text) > 100_000
    app = wizard(decided=False)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        await paste(pilot, text)
        await pilot.pause(0.3)
        shown = grid(app)
        assert "1200 registries" in shown
        assert "czNjcmV0" not in shown
        name = app.session.plan.pull_secret.pull_secret
        assert json.loads(app.session.secrets.read(name)) == document
        assert app.session.secrets.path(name).stat().st_mode & 0o777 == 0o600
        assert "czNjcmV0" not in app.session.directory.plan.read_text("utf-8")


async def test_a_paste_without_brackets_loses_no_character(wizard: Wizard) -> None:
    from textual.events import Key

    app = wizard(decided=False)
    text = made_up.SECRET.decode().replace(",", ",\n")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        for character in text:
            app.post_message(Key("enter" if character == "\n" else character, character))
        await pilot.pause(0.5)
        await pilot.press("escape")
        await pilot.pause(0.2)
        stored = app.session.secrets.read(app.session.plan.pull_secret.pull_secret)
        assert summary(stored) == summary(made_up.SECRET)
        assert "bm90OnJlYWw" not in grid(app)


async def test_a_pull_secret_may_be_named_by_its_file(wizard: Wizard, tmp_path: object) -> None:
    app = wizard(decided=False)
    file = app.session.directory.path / "mine.json"
    file.write_bytes(made_up.SECRET)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        await paste(pilot, str(file))
        assert [one.host for one in summary(app.session.secrets.read("pull-secret.json"))] == ["quay.io"]


async def test_a_damaged_pull_secret_is_refused_without_showing_it(wizard: Wizard) -> None:
    app = wizard(decided=False)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        await paste(pilot, made_up.SECRET.decode()[:-3])
        shown = grid(app)
        assert "damaged or not whole" in shown
        assert "bm90" not in shown
        assert app.session.plan.pull_secret.pull_secret == ""


async def test_a_private_key_is_never_taken_for_a_public_one(wizard: Wizard) -> None:
    app = wizard(decided=False)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        for field in ("ssh_key", "trust_bundle"):
            form(app).go(f"pull_secret.{field}")
            await paste(
                pilot, "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----\n"
            )
            assert "it was not taken" in grid(app)
        plan = app.session.plan.pull_secret
        assert (plan.ssh_key, plan.trust_bundle) == ("", "")


async def test_what_is_no_certificate_is_not_taken_into_the_bundle(wizard: Wizard) -> None:
    app = wizard(decided=False)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        form(app).go("pull_secret.trust_bundle")
        await paste(pilot, "hello\nworld")
        assert "No certificate" in grid(app)
        assert app.session.plan.pull_secret.trust_bundle == ""


async def test_a_bmc_password_is_typed_hidden_and_stored(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.2)
        form(app).go("topology.nodes[1].name")
        await pilot.press("enter")
        await pilot.pause(0.3)
        form(app).go("topology.nodes[1].bmc.password")
        await pilot.press("enter")
        await pilot.pause(0.2)
        await pilot.press(*"hunter22")
        assert "hunter22" not in grid(app)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert "stored, not shown" in grid(app)
        name = app.session.plan.topology.nodes[1].bmc.password
        assert app.session.secrets.read(name) == b"hunter22"


async def test_a_passphrase_goes_to_the_engine_and_to_no_file(wizard: Wizard) -> None:
    from tui.engine.passphrases import Passphrases

    app = wizard(decided=True)
    engine = Passphrases(app.session.directory.passphrases)
    await engine.listen()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        form(app).go("passphrase")
        await pilot.press("enter")
        await pilot.pause(0.2)
        await pilot.press(*"opensesame", "enter")
        await pilot.pause(0.3)
        assert "The engine has it." in grid(app)
        assert engine.get(Path("~/.ssh/id_ed25519")) == "opensesame"
        files = [path for path in app.session.directory.path.rglob("*") if path.is_file()]
        assert not [path for path in files if b"opensesame" in path.read_bytes()]
    await engine.close()


@pytest.mark.parametrize(
    ("own", "account"),
    [('{"auths": {"mirror.test:5000": {"auth": "bWU6aHVudGVyMjI="}}}', "me"), ("me:hunter22", "me")],
)
async def test_the_mirrors_own_credentials_are_merged_and_the_result_is_shown(
    wizard: Wizard, own: str, account: str
) -> None:
    app = wizard(decided=True)
    app.session.decide("network.mirrors", [MirrorSource(source="quay.io/a", mirrors=["mirror.test:5000/a"])])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        assert "no entry for mirror.test:5000" in " ".join(t.sentence for t in app.client.standing.of("network"))
        form(app).go("pull_secret.mirror_credentials")
        await paste(pilot, own)
        await pilot.pause(0.2)
        shown = grid(app)
        assert "2 registries, both merged:" in shown
        line = next(line for line in shown.splitlines() if "mirror.test:5000" in line)
        assert f"{account}  mirror's own" in line
        assert any("quay.io" in line for line in shown.splitlines())
        assert "hunter22" not in shown
        assert "bWU6" not in shown
        assert [t for t in app.client.standing.of("network") if "no entry" in t.sentence] == []
        await pilot.press("ctrl+d", "enter")
        await pilot.pause(0.2)
        assert app.session.plan.pull_secret.mirror_credentials == ""
        assert "both merged" not in grid(app)
