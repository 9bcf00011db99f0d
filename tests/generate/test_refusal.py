"""What openshift-install says when it refuses, with the secrets taken out: all its recorded refusals."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.generate.model import Secret
from tui.generate.refusal import Scrubber, reasons
from tui.lines import received


@pytest.fixture
def refusals(recorded: Path) -> list[dict[str, str]]:
    with gzip.open(recorded / "refusals.jsonl.gz", "rt") as file:
        return [json.loads(line) for line in file]


def test_every_recorded_refusal_gives_a_reason(refusals: list[dict[str, str]]) -> None:
    for refusal in refusals:
        found = reasons(Scrubber()(line) for line in refusal["stderr"].splitlines())
        assert found, refusal["case"]
        assert all(reason.message for reason in found), refusal["case"]


def test_a_refusal_of_a_field_names_it(refusals: list[dict[str, str]]) -> None:
    said = next(r for r in refusals if r["case"] == "many-errors-at-once" and r["version"] == "4.15")
    found = reasons(map(Scrubber(), said["stderr"].splitlines()))
    assert [reason.path for reason in found][:2] == ["sshKey", "metadata.name"]
    assert found[0].message == 'Invalid value: "x": ssh: no key found'


def test_the_fields_of_a_refusal_are_those_that_the_installer_lists(refusals: list[dict[str, str]]) -> None:
    """Counted by another way than the program's: each field's error has its kind of it in Kubernetes' own words."""
    for refusal in refusals:
        said = refusal["stderr"]
        count = sum(
            said.count(kind)
            for kind in (
                "Invalid value: ",
                "Unsupported value: ",
                "Required value: ",
                "Forbidden: ",
                "Duplicate value: ",
            )
        )
        assert sum(bool(reason.path) for reason in reasons(said.splitlines())) == count, refusal["case"]


CANARY = "canary-Zq83kd02mmLp"
PULL_SECRETS = [
    '{"auths":{"quay.io":{"auth":"Y2FuYXJ5LVpxODNrZDAybW1McA=="}}',
    f'{{"auths":{{"quay.io":{{"password":"{CANARY}"}}}}}}',
    CANARY,
    f'{{"auths":\n {{"quay.io": "{CANARY}"}} }}',
]


@pytest.mark.parametrize("pull_secret", PULL_SECRETS)
@pytest.mark.parametrize("quote", [json.dumps, lambda text: json.dumps(json.dumps(text))[1:-1]])
def test_a_refused_pull_secret_is_never_repeated(pull_secret: str, quote: Callable[[str], str]) -> None:
    """The installer quotes the whole value; a logger around it may quote it once more."""
    value = quote(pull_secret)
    line = f'level=error msg=[sshKey: Invalid value: "x": no, pullSecret: Invalid value: {value}: auths required]'
    for text in (Scrubber(pull_secret)(line), Scrubber()(line)):
        assert CANARY not in text
        assert "Y2FuYXJ5" not in text
    shown = reasons([Scrubber(pull_secret)(line)])
    assert shown[-1].path == "pullSecret"
    assert "auths required" in shown[-1].message


def test_a_secret_cut_by_somebody_else_is_masked_as_well() -> None:
    line = f'level=error msg=pullSecret: Invalid value: "{{\\"auths\\": {CANARY}'
    assert CANARY not in Scrubber()(line)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 70_000), st.integers(1, 20))
def test_a_secret_too_long_for_a_line_leaks_nowhere(before: int, many: int) -> None:
    """The line is cut in its middle before it comes here, wherever in the secret that may be."""
    auths = {f"r{number}.example.com": {"auth": f"{number:06}" + "s3cr3t" * 700} for number in range(many)}
    secret = json.dumps({"auths": {"x" * before: {}, **auths}})
    line = received(f"level=error msg=x: pullSecret: Invalid value: {json.dumps(secret)}: auths required")
    said = Scrubber(secret)(line)
    assert "s3cr3t" not in said
    assert said.endswith("auths required")


def test_credentials_of_a_pull_secret_are_masked_wherever_they_stand(secret: Secret) -> None:
    scrub = Scrubber(secret("pull-secret"))
    assert CANARY not in scrub(f"level=debug msg=user={CANARY} logged in")


def test_a_proxy_password_is_masked_plain_and_encoded() -> None:
    scrub = Scrubber("proxyuser:p@ss/word-1", "proxyuser:p%40ss%2Fword-1")
    said = scrub('level=error msg=proxy.httpProxy: Invalid value: "ftp://proxyuser:p%40ss%2Fword-1@proxy": no')
    assert "word-1" not in said + scrub("dial proxyuser with p@ss/word-1")


def test_a_long_value_is_cut_and_the_reason_kept(refusals: list[dict[str, str]]) -> None:
    said = next(r for r in refusals if r["case"] == "trustbundle-cert-then-garbage" and r["version"] == "4.20-dev")
    found = reasons(map(Scrubber(), said["stderr"].splitlines()))
    assert found[0].path == "additionalTrustBundle"
    assert found[0].message.endswith("invalid block")
    assert len(found[0].message) < 200
