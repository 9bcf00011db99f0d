"""Pull secrets in every shape they come in, and nothing of them in any summary or message."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.plan import pull_secrets
from tui.plan.pull_secrets import NotAPullSecret, compact, is_red_hat, parse, problems, summary

PASSWORD = "Tr0ub4dor&3-nobody-guesses"


def auth(user: str = "lab+robot", password: str = PASSWORD) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


AUTHS = {"mirror.example.com:8443": {"auth": auth(), "email": "ops@example.com"}, "quay.io": {"auth": auth("b")}}
SHAPES = {
    "one line": json.dumps({"auths": AUTHS}),
    "pretty": json.dumps({"auths": AUTHS}, indent=4),
    "windows": "\ufeff" + json.dumps({"auths": AUTHS}, indent=2).replace("\n", "\r\n"),
    "as install-config quotes it": f"'{json.dumps({'auths': AUTHS})}'",
    "docker's config": json.dumps({"auths": AUTHS, "credsStore": "desktop", "HttpHeaders": {}}),
    "very old docker": json.dumps(AUTHS),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_line(shape: str) -> None:
    assert compact(SHAPES[shape]) == json.dumps({"auths": AUTHS}, separators=(",", ":"))
    assert compact(SHAPES[shape].encode()) == compact(SHAPES[shape])


def test_a_hundred_kilobytes_are_taken_at_once() -> None:
    many = {f"registry-{n}.example.com:5000": {"auth": auth(str(n), PASSWORD * 2)} for n in range(900)}
    text = json.dumps({"auths": many}, indent=8)
    assert len(text) > 100_000
    assert len(summary(text)) == 900


def test_a_summary_tells_registry_account_and_fingerprint_and_no_secret() -> None:
    first, second = summary(SHAPES["pretty"])
    assert (first.host, first.account, first.email, first.problem) == (
        "mirror.example.com:8443", "lab+robot", "ops@example.com", "",
    )  # fmt: skip
    assert first.fingerprint.startswith("SHA-256 ")
    assert first.fingerprint != second.fingerprint
    assert PASSWORD not in repr([first, second])
    assert auth() not in repr([first, second])


def test_a_login_in_the_open_becomes_an_auth() -> None:
    text = json.dumps({"auths": {"m.example.com": {"username": "lab+robot", "password": PASSWORD}}})
    assert parse(text) == {"m.example.com": {"auth": auth()}}


def test_red_hats_pull_secret_is_told_from_a_mirrors() -> None:
    assert is_red_hat(json.dumps({"auths": {"quay.io": {"auth": auth()}, "registry.redhat.io": {"auth": auth()}}}))
    assert not is_red_hat(json.dumps({"auths": AUTHS}))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nothing here"),
        ("<html>log in</html>", "web page"),
        ("{“auths”: {}}", "typographic"),
        ('{"auths": {"quay.io": {"auth": "abc', "not whole"),
        ('{"auths": {}}', "no pull secret"),
        ("[]", "no pull secret"),
        ('{"auths": {"quay.io": "abc"}}', "needs a map"),
        ('{"auths": {}, "credsStore": "osxkeychain"}', "credential helper"),
        ('{"credHelpers": {"quay.io": "secretservice"}}', "credential helper"),
        ('{"auths": {"quay.io": {}}, "credsStore": "desktop"}', "credential helper"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc", "private key"),
        ("hunter2", "no JSON"),
        ('{"auths":' + "[" * 100_000, "nested too deeply"),
        ("x" * 2_000_000, "larger than 1 MB"),
    ],
)
def test_what_is_no_pull_secret_is_told_in_plain_words(text: str, told: str) -> None:
    with pytest.raises(NotAPullSecret, match=told):
        compact(text)


@pytest.mark.parametrize(
    ("host", "entry", "told"),
    [
        ("m.example.com", {"auth": "not base64!"}, "not base64"),
        ("m.example.com", {"auth": base64.b64encode(b"nocolon").decode()}, "no colon"),
        ("m.example.com", {"auth": base64.b64encode(b":pw").decode()}, "no user"),
        ("m.example.com", {"auth": base64.b64encode(b"u:pw\n").decode()}, "line break"),
        ("m.example.com", {"identitytoken": "abcdef"}, "identity token"),
        ("m.example.com", {}, "helper"),
        ("https://m.example.com", {"auth": auth()}, "https://"),
        ("m.example.com:8443/", {"auth": auth()}, "slash"),
        ("m.example.com ", {"auth": auth()}, "no host"),
    ],
)
def test_a_wrong_entry_is_told_and_the_others_are_not(host: str, entry: dict[str, str], told: str) -> None:
    text = json.dumps({"auths": {host: entry, "good.example.com": {"auth": auth()}}})
    (problem,) = problems(text)
    assert told in problem


def test_an_entry_without_auth_is_not_written_as_the_installer_refuses_it() -> None:
    text = json.dumps({"auths": {"a.example.com": {}, "b.example.com": {"auth": auth()}}})
    assert json.loads(compact(text)) == {"auths": {"b.example.com": {"auth": auth()}}}


VALUES = st.sampled_from([PASSWORD, auth(), auth("", ""), auth(PASSWORD, PASSWORD), "é", ""])


@given(
    st.dictionaries(
        st.sampled_from(["quay.io", "https://x", PASSWORD, auth(), "m:5000", ""]),
        st.none() | st.text() | st.dictionaries(
            st.sampled_from(["auth", "email", "username", "password", "identitytoken"]),
            VALUES | st.none() | st.integers(),
        ),
    )
)  # fmt: skip
def test_whatever_stands_in_it_no_summary_or_message_repeats_a_password(auths: dict[str, object]) -> None:
    text = json.dumps({"auths": auths})
    try:
        told = repr([(one.host, one.email, one.problem) for one in summary(text)])
    except NotAPullSecret as error:
        told = str(error)
    assert PASSWORD not in told
    assert auth() not in told


def test_a_fingerprint_is_short_and_tells_secrets_apart() -> None:
    assert pull_secrets.fingerprint(b"a") != pull_secrets.fingerprint(b"b")
    assert len(pull_secrets.fingerprint(b"a")) == len("SHA-256 ") + 12
