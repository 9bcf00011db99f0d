"""An authority fetched from a server enters the trust bundle by the person's own key only."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from tests.peers.pki import Authority
from tests.plan.test_trust import certificate, with_sha1
from tests.screens.grid import grid
from tests.screens.test_journeys import form, paste, typed
from tui.app import OcpTui
from tui.plan.model import MirrorSource
from tui.screens import authorities
from tui.screens.form_page import FormPage
from tui.session.store import Store

Wizard = Callable[..., OcpTui]
SIZE = (80, 24)


def shown(authority: Authority, host: str) -> dict[str, Any]:
    """What the job gives for an authority."""
    digest = authority.certificate.fingerprint(SHA256()).hex().upper()
    return {
        "host": host,
        "subject": authority.certificate.subject.rfc4514_string(),
        "issuer": authority.certificate.issuer.rfc4514_string(),
        "fingerprint": ":".join(digest[at : at + 2] for at in range(0, 64, 2)),
        "not_after": int(authority.certificate.not_valid_after_utc.timestamp()) * 1_000_000,
        "authority": True,
        "faults": [],
        "pem": authority.pem,
    }


def answer(app: OcpTui, result: dict[str, Any]) -> str:
    """Does the newest fetch as the engine does; gives the host that was asked for."""
    return finish(app, state="done", result=result)


def finish(app: OcpTui, **columns: Any) -> str:
    """Ends the newest fetch through a connection of its own, as another process would; gives the host asked for."""
    store = Store(app.session.directory.database)
    job = store.jobs()[-1]
    assert job.kind == "fetch-ca"
    store.set_job(job.id, started=1, ended=2, **columns)
    store.close()
    return str(job.arguments["host"])


async def test_an_authority_is_trusted_once_its_fingerprint_was_compared_and_not_before(wizard: Wizard) -> None:
    app, authority = wizard(decided=True), Authority("Machine room CA")
    told = shown(authority, "mirror.test:5000")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        form(app).go(authorities.FETCH)
        await typed(pilot, "mirror.test:5000", "enter")
        assert answer(app, told) == "mirror.test:5000"
        await pilot.pause(0.6)
        assert app.session.plan.pull_secret.trust_bundle == ""
        form(app).go(authorities.TAKE)
        await pilot.press("enter")
        await pilot.pause(0.2)
        page = grid(app)
        assert told["fingerprint"][:47] in page
        assert told["fingerprint"][48:] in page
        assert "CN=Machine room CA" in page
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert app.session.plan.pull_secret.trust_bundle == "", "looking at it is not trusting it"
        await pilot.press("enter")
        await pilot.pause(0.2)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert app.session.plan.pull_secret.trust_bundle == "", "Enter alone trusts nothing"
        await pilot.press("y")
        await pilot.pause(0.3)
        assert app.session.plan.pull_secret.trust_bundle.strip() == authority.pem.strip()
        assert "CN=Machine room CA" in grid(app)
        assert "compare what" not in grid(app), "it is in the bundle: nothing is left to compare"
        assert told["fingerprint"] in app.session.store.events()[-1].text


async def test_a_second_authority_is_put_behind_the_first(wizard: Wizard) -> None:
    app, first, second = wizard(decided=True), Authority("First CA"), Authority("Second CA")
    app.session.decide("pull_secret.trust_bundle", first.pem.strip())
    app.session.decide("network.mirrors", [MirrorSource(source="quay.io/a", mirrors=["mirror.test:8443/ocp/a"])])
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        form(app).go(authorities.FETCH)
        await pilot.press("enter")
        assert answer(app, shown(second, "mirror.test:8443")) == "mirror.test:8443", "the first mirror is asked"
        await pilot.pause(0.6)
        form(app).go(authorities.TAKE)
        await pilot.press("enter")
        await pilot.pause(0.2)
        await pilot.press("y")
        await pilot.pause(0.2)
        assert app.session.plan.pull_secret.trust_bundle == f"{first.pem}{second.pem}".strip()


async def test_an_endpoint_that_did_not_answer_is_said_beside_the_field(wizard: Wizard) -> None:
    app = wizard(decided=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        form(app).go(authorities.FETCH)
        await typed(pilot, "mirror.test", "enter")
        finish(app, state="failed", message="mirror.test shows no certificate")
        await pilot.pause(0.6)
        assert "✗ not fetched" in grid(app)
        assert "mirror.test shows no certificate" in grid(app)


async def test_each_certificate_of_a_bundle_has_its_own_line_and_fault(wizard: Wizard) -> None:
    app = wizard(decided=True)
    good, late = Authority("Good CA"), Authority("Late CA", valid_days=-40)
    app.session.decide("pull_secret.trust_bundle", good.pem + late.pem.strip())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.3)
        lines = [line for line in grid(app).splitlines() if " CA " in line]
        assert len(lines) == 2
        end = good.certificate.not_valid_after_utc.astimezone(UTC)
        assert f"CN=Good CA {' ' * 7} until {datetime.strftime(end, '%Y-%m-%d')}" in lines[0]
        assert "✗ expired" in lines[1]


async def test_every_finding_of_a_pasted_bundle_is_shown_block_by_block_and_it_is_kept_clean(wizard: Wizard) -> None:
    good = certificate("Good CA", days=36500)
    blocks = {
        "expired": certificate("Late CA", days=1),
        "not-yet-valid": certificate("Early CA", start=36500),
        "leaf, no-san": certificate("m.test", "Good CA", authority=False, days=36500),
        "weak-signature": with_sha1(certificate("Old CA", "Good CA", kind="rsa2048", days=36500)),
        "short-key": certificate("Short CA", kind="rsa1024", days=36500),
    }
    app = wizard(decided=True)
    async with app.run_test(size=(120, 50)) as pilot:
        await pilot.press("f4")
        await pilot.pause(0.2)
        form(app).go("pull_secret.trust_bundle")
        await paste(pilot, f"the root:\n{good}\n{''.join(blocks.values())}{good}\n# end\n")
        await pilot.pause(0.2)
        lines = grid(app).splitlines()
        for finding, text in blocks.items():
            subject = x509.load_pem_x509_certificate(text.encode()).subject.rfc4514_string()
            assert finding in next(line for line in lines if f"{subject} " in line)
        assert "findings: F1 tells all" in " ".join(grid(app).split())
        assert app.session.plan.pull_secret.trust_bundle == (good + "".join(blocks.values())).strip()
        assert isinstance(app.screen, FormPage)
        told = app.screen.help_topics()
        found = "\n".join(text for heading, text in told)
        for finding in ("expired", "not-yet-valid", "leaf", "no-san", "weak-signature", "short-key", "duplicate"):
            assert f" {finding}: " in found
        assert f" {finding}: " in dict(told)["Block 7"]
        assert " trailing-text: " in found
        await pilot.press("f1")
        await pilot.pause(0.3)
        assert "Block 1" in grid(app)
