"""The stand-in for openshift-install: labelled, and true in its files, words and exit codes."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from tests.lab.conftest import ignition, run, unpacked
from tui.generate.certificates import clock
from tui.lab.images import RELEASE_IMAGE
from tui.plan.model import Plan

DAY = timedelta(days=1)
ONE_DAY = {
    "aggregator-ca", "aggregator-signer", "aggregator-client", "apiserver-proxy", "kubelet-signer",
    "kube-apiserver-lb-server", "kube-apiserver-internal-lb-server", "kube-apiserver-localhost-server",
    "kube-apiserver-service-network-server",
}  # fmt: skip


def test_it_says_that_it_is_a_stand_in(tmp_path: Path, prepared: Plan) -> None:
    said = run(unpacked(tmp_path), "version").stdout.splitlines()
    assert said[0].split()[-1] == prepared.topology.version
    assert said[2] == f"release image {RELEASE_IMAGE}"
    assert "STAND-IN" in said[-1]


def test_it_consumes_and_writes_what_the_real_one_does(tmp_path: Path, prepared: Plan) -> None:
    directory = ignition(tmp_path, prepared)
    names = {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}
    assert names == {
        ".openshift_install.log",
        ".openshift_install_state.json",
        "auth/kubeadmin-password",
        "auth/kubeconfig",
        "bootstrap.ign",
        "master.ign",
        "metadata.json",
        "worker.ign",
    }
    assert "STAND-IN" in (directory / ".openshift_install.log").read_text("utf-8")
    source = json.loads((directory / "master.ign").read_bytes())["ignition"]["config"]["merge"][0]["source"]
    assert source == "https://api-int.ocp4.lab.example:22623/config/master"
    cluster = yaml.safe_load((directory / "auth" / "kubeconfig").read_text("utf-8"))["clusters"][0]["cluster"]
    assert cluster["server"] == "https://api.ocp4.lab.example:6443"


def test_short_lived_certificates_live_a_day(tmp_path: Path, prepared: Plan) -> None:
    directory = ignition(tmp_path, prepared)
    files = json.loads((directory / "bootstrap.ign").read_bytes())["storage"]["files"]
    for file in files:
        path = Path(file["path"])
        if path.parent.name != "tls" or path.suffix != ".crt":
            continue
        text = base64.b64decode(file["contents"]["source"].partition(",")[2])
        for certificate in x509.load_pem_x509_certificates(text):
            life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
            if "bundle" not in path.stem:
                assert (life == DAY) == (path.stem in ONE_DAY), path
            assert certificate.not_valid_before_utc <= datetime.now(UTC)
    seen = clock(directory)
    assert seen is not None
    assert timedelta(microseconds=seen.expires - seen.created) == DAY


def test_a_refused_install_config_ends_with_3_and_stays(tmp_path: Path, prepared: Plan) -> None:
    directory = tmp_path / "install"
    directory.mkdir()
    (directory / "install-config.yaml").write_text("apiVersion: v1\nbaseDomain: example.com\n", "utf-8")
    done = run(unpacked(tmp_path), "create", "manifests", "--dir", str(directory))
    assert done.returncode == 3
    assert 'invalid "install-config.yaml" file' in done.stderr
    assert (directory / "install-config.yaml").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nosuch",), "Error executing openshift-install"),
        (("create", "manifests", "--nosuch"), "Error executing openshift-install"),
        (("wait-for", "bootstrap-complete", "--dir", "EMPTY"), "no such file or directory"),
        (("version", "--log-level=chatty"), "not a valid logrus Level"),
    ],
)
def test_wrong_words_end_with_1(tmp_path: Path, prepared: Plan, words: tuple[str, ...], said: str) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = run(unpacked(tmp_path), *(str(empty) if word == "EMPTY" else word for word in words))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_rehearsals_first_old_files_have_less_than_a_quarter_of_an_hour_left(tmp_path: Path, prepared: Plan) -> None:
    (tmp_path / "lab" / "world.json").write_text('{"certificates": "old"}', "ascii")
    seen = clock(ignition(tmp_path, prepared))
    assert seen is not None
    left = seen.expires / 1e6 - datetime.now(UTC).timestamp()
    assert 10 * 60 < left < 15 * 60
    (tmp_path / "install").rename(tmp_path / "first")
    again = clock(ignition(tmp_path, prepared))
    assert again is not None
    assert again.expires / 1e6 - datetime.now(UTC).timestamp() > 23 * 3600, "whoever heeds the clock gets fresh ones"
