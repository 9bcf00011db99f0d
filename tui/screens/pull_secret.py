"""Step 3: who may pull images, whom to trust, and the key that opens the nodes."""

import asyncio
from pathlib import Path
from typing import Any

from typing_extensions import override

from tui.plan import fields
from tui.plan.node_pull_secret import is_login
from tui.plan.pull_secrets import NotAPullSecret, Registry, compact, fingerprint, summary
from tui.plan.trust import Analysis
from tui.screens import authorities
from tui.screens.ask_text import content
from tui.screens.client import Client
from tui.screens.form_screen import FormScreen
from tui.screens.spec import Field, Table, find
from tui.text import say
from tui.widgets.form import Form
from tui.widgets.form_rows import Cell, Note, Row

PRIVATE_KEY, PASSPHRASE = "pull_secret.ssh_private_key", "passphrase"
BUNDLE = "pull_secret.trust_bundle"
PULL_SECRET, MIRROR = "pull_secret.pull_secret", "pull_secret.mirror_credentials"
SECRETS = (PULL_SECRET, MIRROR)
MOST_SHOWN = 6

TABLE: Table = (
    Field(
        path=PULL_SECRET,
        label=say("Pull secret"),
        widget="paste",
        kept_in="pull-secret.json",
        width=52,
        empty=say("paste it here, or Enter"),
        what=say("Who may pull the release: paste the JSON, on one line or many. It is never shown again."),
        example='{"auths": {"quay.io": {"auth": "…"}}}',
        where=say("console.redhat.com/openshift/install/pull-secret; or the file your mirror's podman login wrote."),
        leads=say("It goes into install-config.yaml and the Ignition files; both are kept to your eyes only."),
        checks=("registry.credentials",),
        shows=("install-config.yaml", "^pullSecret"),
    ),
    Field(
        path=MIRROR,
        label=say("Mirror's own"),
        widget="paste",
        kept_in="mirror-credentials.json",
        width=52,
        empty=say("none: the pull secret has them, or no mirror"),
        what=say("Credentials of your mirror registry, merged into the pull secret: the same JSON, or USER:PASSWORD."),
        where=say("~/.docker/config.json or ${XDG_RUNTIME_DIR}/containers/auth.json after podman login."),
        checks=("registry.credentials",),
        shows=("install-config.yaml", "^pullSecret"),
    ),
    Field(
        path="pull_secret.ssh_key",
        label=say("SSH public key"),
        widget="paste",
        width=52,
        empty=say("paste it here, or Enter"),
        what=say("Lets you, and this tool, into the nodes as core: the journals come that way."),
        example="ssh-ed25519 AAAA… you@bastion",
        where=say("~/.ssh/id_ed25519.pub; ssh-keygen makes one. With FIPS: rsa or ecdsa."),
        shows=("install-config.yaml", "^sshKey"),
    ),
    Field(
        path="pull_secret.ssh_private_key",
        label=say("Its private file"),
        width=52,
        empty=say("none: your agent, while you are logged in"),
        what=say("The path of the private key. It is not copied; its passphrase is asked for when needed."),
        example="~/.ssh/id_ed25519",
        leads=say("The engine outlives your login, so a forwarded agent alone is not enough."),
        checks=("bastion.ssh-key",),
    ),
    Field(
        path="pull_secret.trust_bundle",
        label=say("Trust bundle"),
        widget="paste",
        width=52,
        empty=say("none: public certificates only"),
        what=say("Certificates of the authorities that signed your mirror or proxy, as PEM blocks."),
        example="-----BEGIN CERTIFICATE-----",
        where=say("The mirror's rootCA.pem; an authority's certificate, not the server's own."),
        checks=("registry.trust",),
        shows=("install-config.yaml", "^additionalTrustBundle:"),
    ),
    Field(
        path="pull_secret.trust_bundle_policy",
        label=say("Used for"),
        widget="choice",
        what=say("Proxyonly: the cluster uses it with a proxy only; Always: whenever it speaks to the outside."),
        leads=say("Node image pulls trust the bundle either way. From 4.12."),
        shows=("install-config.yaml", "^additionalTrustBundlePolicy"),
    ),
)


class PullSecretScreen(FormScreen):
    """Secrets are taken, kept and summed up; none is shown."""

    STEP = "pull_secret"
    TABLE = TABLE

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._pasted: tuple[str, Analysis] | None = None

    @override
    def help_topics(self) -> list[tuple[str, str]]:
        bundle = self.client.session.plan.pull_secret.trust_bundle
        if self.form.here is None or self.form.here.key != BUNDLE or not bundle:
            return super().help_topics()
        # What was left out of the text as it was pasted is told as well, as long as it is the same bundle.
        pasted = self._pasted
        told = pasted[1] if pasted is not None and pasted[0] == bundle.strip() else authorities.analysed(bundle)
        return [*authorities.topics(told), *super().help_topics()]

    @override
    def rows(self) -> list[Row]:
        made: list[Row] = []
        for row in super().rows():
            made.append(self._summed_up(row))
            key = row.cells[0].key if row.cells else ""
            if key in SECRETS and not self._is_merged():
                made += self._registries(key)
            if key == MIRROR and self._is_merged():
                made += self._merged()
            if key == BUNDLE:
                made += self._authorities()
            if key == PRIVATE_KEY and row.cells[0].text:
                made.append(Row(label="", cells=(Cell(PASSPHRASE, say("hand over its passphrase"), kind="action"),)))
        return made

    def _summed_up(self, row: Row) -> Row:
        cell = row.cells[0] if row.cells else None
        if cell is None or cell.kind != "paste":
            return row
        text = fields.get(self.client.session.plan, cell.key)
        shown = self._summary_of(cell.key, text) if text else ""
        summed = Cell(key=cell.key, text=shown, kind="paste", width=cell.width, empty=cell.empty)
        return Row(label=row.label, cells=(summed,), notes=row.notes)

    def _summary_of(self, key: str, text: str) -> str:
        if key == MIRROR and is_login(self._secret(text).decode("utf-8", "replace")):
            return say("an account for every mirror, {print}", print=fingerprint(self._secret(text)))
        if key in SECRETS:
            found = self._known(text)
            return f"{_counted(found)}, {fingerprint(self._secret(text))}"
        if key.endswith("ssh_key"):
            kind, _, rest = text.partition(" ")
            return f"{kind} {rest.partition(' ')[2].splitlines()[0] if ' ' in rest else ''}".strip()
        blocks = text.count("-----BEGIN CERTIFICATE-----")
        count = say("1 certificate") if blocks == 1 else say("{count} certificates", count=blocks)
        return f"{count}, {fingerprint(text.encode())}"

    def _secret(self, name: str) -> bytes:
        return self.client.session.secrets.read(name)

    def _known(self, name: str) -> list[Registry]:
        try:
            return summary(self._secret(name))
        except NotAPullSecret:
            return []

    def _registries(self, key: str) -> list[Row]:
        name = fields.get(self.client.session.plan, key)
        return _listed(self._known(name), ()) if name else []

    def _is_merged(self) -> bool:
        chosen = self.client.session.plan.pull_secret
        return bool(chosen.pull_secret and chosen.mirror_credentials)

    def _merged(self) -> list[Row]:
        """What nodes get of both: every registry once, and which account comes from the mirror's own."""
        plan = self.client.session.plan
        try:
            found = summary(self.client.pull_secret(plan))
        except NotAPullSecret as error:
            return [Row(label=say("Nodes get"), notes=(Note("failed", str(error)),))]
        before = {one.host: one.fingerprint for one in self._known(plan.pull_secret.pull_secret)}
        own = tuple(one.host for one in found if before.get(one.host) != one.fingerprint)
        heading = Row(label=say("Nodes get"), notes=(Note("", say("{count}, both merged:", count=_counted(found))),))
        return [heading, *_listed(sorted(found, key=lambda one: one.host not in own), own)]

    def _authorities(self) -> list[Row]:
        plan, job = self.client.session.plan, self.client.standing.job(authorities.FETCH)
        return [*authorities.rows(plan.pull_secret.trust_bundle), *authorities.fetching(plan, job)]

    @override
    async def entered(self, event: Form.Entered) -> bool:
        match event.cell.key:
            case key if key == PASSPHRASE:
                await self._ask_passphrase()
            case authorities.FETCH:
                self._fetch(event.text.strip())
            case authorities.TAKE:
                await self._compare()
            case _:
                return False
        return True

    @override
    def edited(self, key: str, text: str) -> None:
        if key != authorities.FETCH:
            super().edited(key, text)

    # --- an authority from a server ----------------------------------------------------------------------------

    def _fetch(self, typed: str) -> None:
        host = typed or authorities.first_mirror(self.client.session.plan)
        if not host:
            self.notice(say("Type the HOST:PORT to ask, such as mirror.example.com:5000."), "failed")
            return
        self.form.clear()
        self.client.request(authorities.FETCH, host=host)
        self.notice(say("Asking {host} which certificates it shows. Nothing is trusted before you say so.", host=host))
        self.refresh_rows()

    async def _compare(self) -> None:
        plan, job = self.client.session.plan, self.client.standing.job(authorities.FETCH)
        told = authorities.fetched(plan, job)
        if told is None:
            return
        from tui.screens.compare import Compare

        def answered(yes: bool | None) -> None:
            if yes:
                self._trust(told)

        await self.app.push_screen(Compare(told), answered)

    def _trust(self, told: dict[str, Any]) -> None:
        bundle = self.client.session.plan.pull_secret.trust_bundle
        self._take_bundle(BUNDLE, f"{bundle}\n{told['pem']}")
        words = say("{subject} of {host} taken into the trust bundle, fingerprint {print} confirmed",
                    subject=told["subject"], host=told["host"], print=told["fingerprint"])  # fmt: skip
        self.client.tell(words)
        self.refresh_rows()

    @override
    def about_here(self) -> str:
        key = self.form.here.key if self.form.here is not None else ""
        if key in {authorities.FETCH, authorities.TAKE}:
            return authorities.about(key, self.client.standing.job(authorities.FETCH))
        return super().about_here()

    # --- the passphrase ----------------------------------------------------------------------------------------

    async def _ask_passphrase(self) -> None:
        from tui.screens.ask_text import AskText

        why = say("The engine keeps it in memory only, and asks again after its restart. It is never written.")
        page = AskText(say("Passphrase of the private key"), why, hidden=True)
        await self.app.push_screen(page, self._hand_over)

    def _hand_over(self, passphrase: str | None) -> None:
        if passphrase:
            self.run_worker(self._handed_over(passphrase), exclusive=True, group="passphrase")

    async def _handed_over(self, passphrase: str) -> None:
        from tui.engine.passphrases import hand_over

        session = self.client.session
        key = Path(session.plan.pull_secret.ssh_private_key)
        if await asyncio.to_thread(hand_over, session.directory.passphrases, key, passphrase):
            self.notice(say("The engine has it."), "done")
        else:
            self.notice(say("The engine did not answer; is it running? Try again in a moment."), "failed")

    # --- taking ------------------------------------------------------------------------------------------------

    @override
    def take(self, key: str, text: str) -> None:
        """Takes a pasted text, or the file it names, into its place."""
        try:
            whole = content(text)
        except OSError as error:
            self.notice(say("{path} cannot be read: {why}.", path=text.strip(), why=error.strerror), "failed")
            return
        if key in SECRETS:
            self._take_secret(key, whole)
        elif "PRIVATE KEY" in whole:
            self.notice(say("This is a private key; it was not taken. The public one ends in .pub."), "failed")
        elif key.endswith("trust_bundle"):
            self._take_bundle(key, whole)
        else:
            self.client.decide(key, whole.strip())
        self.refresh_rows()

    def _take_bundle(self, key: str, text: str) -> None:
        from tui.plan.trust import clean

        cleaned, analysis = clean(text), authorities.analysed(text)
        if text.strip() and not cleaned:
            self.notice(say("No certificate is in this text; it was not taken."), "failed")
            return
        self.client.decide(key, cleaned.strip())
        self._pasted = (cleaned.strip(), analysis)
        if analysis.faults:
            first, count = analysis.faults[0], len(analysis.faults)
            more = say("  1 of {count} findings: F1 tells all.", count=count) if count > 1 else ""
            self.notice(f"{first.message} {first.fix}{more}", "warning")

    def _take_secret(self, key: str, text: str) -> None:
        if not text.strip():
            return
        spec = find(TABLE, key)
        assert spec is not None
        try:
            kept = text.strip() if key == MIRROR and is_login(text) else compact(text)
        except NotAPullSecret as error:
            self.notice(str(error), "failed")
            return
        self.keep(spec, kept.encode())

    @override
    def asked_text(self, key: str) -> str:
        # What is no secret may be seen and mended where it is.
        return "" if key in SECRETS else str(fields.get(self.client.session.plan, key))

    @override
    def explanation(self, key: str) -> str:
        home = Path("~/.ssh/id_ed25519.pub") if key.endswith("ssh_key") else Path("/path/to/the/file")
        return say("Paste it, or type the path of a file, such as {path}.", path=home)


def _counted(found: list[Registry]) -> str:
    return say("1 registry") if len(found) == 1 else say("{count} registries", count=len(found))


def _listed(found: list[Registry], own: tuple[str, ...]) -> list[Row]:
    more = len(found) - MOST_SHOWN
    rest = [Row(label="", notes=(Note("", say("and {count} more", count=more)),))] if more > 0 else []
    return [*(_registry(one, own) for one in found[:MOST_SHOWN]), *rest]


def _registry(one: Registry, own: tuple[str, ...]) -> Row:
    words = f"{one.host:<34} {one.email or one.account}"
    if one.host in own:
        words = say("{words}  mirror's own", words=words)
    notes = (Note("", words),) if not one.problem else (Note("", one.host), Note("failed", one.problem))
    return Row(label="", notes=notes)
