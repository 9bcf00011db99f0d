"""Readers: every dress of a line, every kind of file, and what is assumed where a line does not say."""

import gzip
import io
import json
import os
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tui.lines import Line
from tui.monitor.readers import Assumptions, CannotRead, Reading, Source

CORPUS = Path(__file__).parent.parent / "data" / "corpus" / "journals"


def micros(*when: int, zone: str = "UTC") -> int:
    return int(datetime(*when, tzinfo=ZoneInfo(zone)).timestamp() * 1_000_000)  # type: ignore[misc,arg-type]


def read(path: Path, **assumed: object) -> tuple[list[Line], list[Source]]:
    reading = Reading([str(path)], Assumptions(**assumed))  # type: ignore[arg-type]
    lines = [line for batch in reading.batches() for line in batch.lines]
    return lines, reading.sources


def parsed(
    tmp_path: Path, text: str | bytes, modified: tuple[int, ...] = (2021, 7, 6), **assumed: object
) -> list[Line]:
    path = tmp_path / "a.log"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    stamp = micros(*modified) / 1e6
    os.utime(path, (stamp, stamp))
    return read(path, **assumed)[0]


MESSAGE = "Pull failed. Retrying quay.io/x@sha256:12..."


@pytest.mark.parametrize(
    "stamp",
    ["Jul 05", "juil. 05", "7月 05", " 7月 05", "7월 05", "июл 05", "Jul  5", "lug 05", "jul 05", "JUL 05", "heinä 05"],
)
def test_syslog_prefixes_of_many_locales_are_understood(tmp_path: Path, stamp: str) -> None:
    (line,) = parsed(tmp_path, f"{stamp.strip()} 05:38:02 bootstrap.lab release-image-download.sh[1661]: {MESSAGE}\n")
    assert line == Line(
        text=MESSAGE,
        time=micros(2021, 7, 5, 5, 38, 2),
        node="bootstrap.lab",
        source=str(tmp_path / "a.log"),
        unit="release-image",
        identifier="release-image-download.sh",
        pid=1661,
        number=1,
        assumed_year=True,
    )


@pytest.mark.parametrize(
    ("stamp", "fraction"),
    [
        ("2021-07-05T05:38:02+0000", 0),
        ("2021-07-05T07:38:02+0200", 0),
        ("2021-07-05T05:38:02.123456+00:00", 123456),
        ("2021-07-05 05:38:02Z", 0),
        ("Mon 2021-07-05 05:38:02 UTC", 0),
        ("Mon 2021-07-05 05:38:02.000007 UTC", 7),
    ],
)
def test_iso_prefixes_carry_year_and_zone(tmp_path: Path, stamp: str, fraction: int) -> None:
    (line,) = parsed(tmp_path, f"{stamp} boot bootkube.sh[7]: {MESSAGE}\n")
    assert (line.text, line.unit, line.node, line.assumed_year) == (MESSAGE, "bootkube", "boot", False)
    assert line.time == micros(2021, 7, 5, 5, 38, 2) + fraction


@pytest.mark.parametrize(
    ("text", "time", "assumed"),
    [
        ('time="2021-07-05T05:38:02+02:00" level=error msg="x"', micros(2021, 7, 5, 3, 38, 2), False),
        ("E0705 05:38:02.000005   23542 reflector.go:307] x", micros(2021, 7, 5, 5, 38, 2) + 5, True),
        ('{"level":"warn","ts":"2021-07-05T05:38:02+0800","msg":"slow"}', micros(2021, 7, 4, 21, 38, 2), False),
        ("2021-07-05T05:38:02.123456789Z stderr F error: x", micros(2021, 7, 5, 5, 38, 2) + 123456, False),
        ("2021-07-05 05:38:02 I | http: TLS handshake error from [::1]:60: EOF", micros(2021, 7, 5, 5, 38, 2), False),
        ("no time at all", None, False),
        ("Warning  FailedMount  36m  kubelet  MountVolume.SetUp failed", None, False),
    ],
)  # fmt: skip
def test_a_program_s_own_dress_is_read_and_kept(tmp_path: Path, text: str, time: int | None, assumed: bool) -> None:
    (line,) = parsed(tmp_path, f"{text}\n")
    assert (line.text, line.time, line.assumed_year, line.identifier) == (text, time, assumed, "")


@pytest.mark.parametrize("text", ["[   25.447] ignition[665]: GET x", "[  25.447] ignition[665] : GET x"])
def test_the_console_says_who_but_not_when(tmp_path: Path, text: str) -> None:
    (line,) = parsed(tmp_path, text)
    assert (line.text, line.identifier, line.pid, line.unit, line.time) == ("GET x", "ignition", 665, "ignition", None)


def test_systemd_s_lines_belong_to_the_unit_they_speak_about(tmp_path: Path) -> None:
    (line,) = parsed(tmp_path, "Jul 05 05:38:02 b systemd[1]: bootkube.service: Failed with result 'exit-code'.")
    assert line.unit == "bootkube"


def test_a_line_without_a_year_is_of_the_newest_year_that_is_not_after_the_file(tmp_path: Path) -> None:
    text = "Dec 31 23:59:59 b a[2]: x\nJan 01 00:00:01 b a[2]: x\n"
    assert [line.time for line in parsed(tmp_path, text, (2022, 1, 5))] == [
        micros(2021, 12, 31, 23, 59, 59),
        micros(2022, 1, 1, 0, 0, 1),
    ]
    assert parsed(tmp_path, "Feb 29 00:00:00 b a[2]: x", (2023, 5, 1))[0].time == micros(2020, 2, 29)


def test_the_person_may_name_the_first_line_s_year(tmp_path: Path) -> None:
    text = "Dec 31 23:59:59 b a[2]: x\nJan 01 00:00:01 b a[2]: x\nDec 31 23:59:58 b a[2]: late\n"
    years = [line.time for line in parsed(tmp_path, text, (2030, 1, 1), since_year=2019)]
    assert years == [micros(2019, 12, 31, 23, 59, 59), micros(2020, 1, 1, 0, 0, 1), micros(2019, 12, 31, 23, 59, 58)]


def test_a_line_without_a_zone_takes_the_person_s(tmp_path: Path) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    text = "Jul 05 05:38:02 b a[2]: x\n2021-07-05 05:38:02 x\n2021-07-05 05:38:02Z x\n"
    local = micros(2021, 7, 5, 5, 38, 2, zone="Asia/Shanghai")
    assert [line.time for line in parsed(tmp_path, text, zone=zone)] == [local, local, micros(2021, 7, 5, 5, 38, 2)]


def test_an_impossible_date_is_no_date(tmp_path: Path) -> None:
    (line,) = parsed(tmp_path, "Feb 31 05:38:02 b a[2]: x")
    assert (line.time, line.text) == (None, "Feb 31 05:38:02 b a[2]: x")


def test_a_machine_that_gets_its_name_while_booting_stays_one_node(tmp_path: Path) -> None:
    text = (
        "Jul 05 05:38:01 localhost.localdomain systemd[1]: x\n"
        "Jul 05 05:38:02 localhost kubelet.sh[24]: x\n"
        "Jul 05 05:38:03 api-int.lab kubelet.sh[24]: x\n"
        "Jul 05 05:38:04 api.lab systemd[1]: x\n"
        "Jul 05 05:38:05 api.lab kubelet.sh[24]: x\n"
    )
    assert {line.node for line in parsed(tmp_path, text)} == {"api-int.lab"}


def test_machines_in_one_file_stay_apart(tmp_path: Path) -> None:
    text = "".join(f"Jul 05 05:38:0{n} {'ab'[n % 2]} kubenswrapper[24]: x\n" for n in range(6))
    assert [line.node for line in parsed(tmp_path, text)] == list("ababab")


def test_the_real_journal_is_of_one_node_though_its_name_changes_twice() -> None:
    lines, sources = read(CORPUS / "full" / "bootkube-4.18.4.log.gz")
    assert {line.node for line in lines} == {"api-int.ite-ocp.ite.local"}
    assert [(source.kind, source.lines) for source in sources] == [("journal", len(lines))]


def test_podman_s_copies_are_marked_only_where_bootkube_prints_them_too(tmp_path: Path) -> None:
    copy, own = "Jul 05 05:38:02 b mco-render[3]: x\n", "Jul 05 05:38:02 b bootkube.sh[2]: x\n"
    assert [line.twin for line in parsed(tmp_path, copy + own)] == [True, False]
    assert [line.twin for line in parsed(tmp_path, copy)] == [False]


def test_json_entries_keep_their_fields(tmp_path: Path) -> None:
    entry = {
        "__CURSOR": "s=1", "__REALTIME_TIMESTAMP": "1625463482000000", "_BOOT_ID": "b1", "_HOSTNAME": "boot",
        "MESSAGE": "hello", "PRIORITY": "3", "SYSLOG_IDENTIFIER": "systemd", "UNIT": "bootkube.service",
        "_SYSTEMD_UNIT": "init.scope", "_PID": "1",
    }  # fmt: skip
    coloured = {**entry, "MESSAGE": list(b"\x1b[31mred\x1b[0m"), "SYSLOG_IDENTIFIER": "bootkube.sh", "_PID": "9"}
    missing = {**entry, "MESSAGE": None}
    text = "\n".join(map(json.dumps, (entry, coloured, missing))) + "\n{torn"
    path = tmp_path / "j.json"
    path.write_text(text)
    lines, sources = read(path)
    assert lines[0] == Line(
        text="hello", time=1625463482000000, node="boot", source=str(path), unit="bootkube", identifier="systemd",
        priority=3, pid=1, boot="b1", number=1,
    )  # fmt: skip
    assert [line.text for line in lines] == ["hello", "red", "{torn"]
    assert sources[0].kind == "journal-json"


def test_export_entries_may_hold_binary_fields(tmp_path: Path) -> None:
    message = b"one\nMESSAGE=not a field\n\xff"
    data = (
        b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1625463482000000\n_HOSTNAME=boot\nSYSLOG_IDENTIFIER=bootkube.sh\nMESSAGE\n"
        + len(message).to_bytes(8, "little") + message + b"\n_PID=7\n\n"
        b"__CURSOR=s=2\n__REALTIME_TIMESTAMP=1625463483000000\nMESSAGE=last"
    )  # fmt: skip
    path = tmp_path / "j.export"
    path.write_bytes(data)
    lines, sources = read(path)
    assert [line.text for line in lines] == ["one\nMESSAGE=not a field\n\ufffd", "last"]
    assert [line.pid for line in lines] == [7, None]
    assert sources[0].kind == "journal-export"


def test_line_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    lines = parsed(tmp_path, "one\r\n\r\nthree\r\n" + "x\n" * 2)
    assert [(line.number, line.text) for line in lines] == [(1, "one"), (3, "three"), (4, "x"), (5, "x")]


def test_numbers_go_on_across_blocks(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    path.write_text("".join(f"line {n} {'x' * 90}\n" for n in range(1, 60_001)))
    numbers = [(line.number, line.text.split()[1]) for line in read(path)[0]]
    assert all(str(number) == word for number, word in numbers)
    assert len(numbers) == 60_000


def test_what_a_terminal_could_act_upon_is_replaced(tmp_path: Path) -> None:
    (line,) = parsed(tmp_path, b"a\x1b[31mred\x1b[0m\x07\x9bb \xff")
    assert line.text == "ared\ufffd\ufffdb \ufffd"


def test_a_line_of_ten_megabytes_is_cut_and_the_next_one_is_whole(tmp_path: Path) -> None:
    lines = parsed(tmp_path, b"x" * 10_000_000 + b" the end\nnext\n")
    assert len(lines[0].text) < 70_000
    assert lines[0].text.endswith(" the end")
    assert lines[1].text == "next"


LONG = (
    'Jul 05 05:38:02 bootstrap release-image-download.sh[1661]: Error: error pulling image "quay.io/ocp@sha256:c7e8": '
    "dial tcp: lookup quay.io on 192.168.31.16:53: read udp 192.168.31.160:36443->192.168.31.16:53: connection refused"
)


@pytest.mark.parametrize("width", [72, 80, 100, 132])
def test_a_paste_that_a_terminal_wrapped_is_rejoined(tmp_path: Path, width: int) -> None:
    wrapped = "\n".join(LONG[at : at + width] for at in range(0, len(LONG), width))
    lines = parsed(tmp_path, f"{wrapped}\nJul 05 05:38:03 bootstrap bootkube.sh[2]: short\n")
    assert [line.number for line in lines] == [1, len(LONG) // width + 2]
    assert lines[0].text.replace("\n", "") == LONG.partition("]: ")[2]


def test_a_paste_that_a_mail_program_wrapped_is_rejoined(tmp_path: Path) -> None:
    import textwrap

    lines = parsed(tmp_path, "\n".join(textwrap.wrap(LONG, 78, break_long_words=False, break_on_hyphens=False)))
    assert [line.text.replace("\n", " ") for line in lines] == [LONG.partition("]: ")[2]]


def test_lines_that_were_not_wrapped_stay_apart(tmp_path: Path) -> None:
    text = f"Jul 05 05:38:02 b a[2]: {'x' * 80}\n\tat main.go:12\ngoroutine 1\nmain.main()\n"
    assert len(parsed(tmp_path, text)) == 4


def test_a_wrapped_line_without_any_head_is_one_line_and_a_table_is_not(tmp_path: Path) -> None:
    message = LONG.partition("]: ")[2]
    wrapped = "\n".join(message[at : at + 90] for at in range(0, len(message), 90))
    assert [line.text.replace("\n", "") for line in parsed(tmp_path, wrapped)] == [message]
    rows = [f"csr-{n}abc   28m   kubernetes.io/kube-apiserver-client-kubelet   system:node   Pending" for n in range(5)]
    assert len(parsed(tmp_path, "\n".join(rows))) == 5


def bundle(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(f"log-bundle-20210705/{name}")
            info.size, info.mtime = len(content), int(micros(2021, 7, 6) / 1e6)
            archive.addfile(info, io.BytesIO(content))
    return path


BUNDLE = {
    "bootstrap/journals/bootkube.log": b"Jul 05 05:38:02 localhost bootkube.sh[2]: hello\n",
    "bootstrap/services/bootkube.json": b'[{"phase":"service start","timestamp":"2021-07-05T05:38:00Z"}]',
    "bootstrap/containers/etcd-1.inspect": b"{}",
    "control-plane/10.0.0.11/journals/kubelet.log": gzip.compress(b"Jul 05 05:39:02 m0 hyperkube[9]: there\n"),
    "rendered-assets/openshift/auth/kubeadmin-password": b"secret",
    "resources/nodes.json": b"{}",
}


def test_a_log_bundle_is_read_with_its_nodes_units_and_records(tmp_path: Path) -> None:
    path = bundle(tmp_path / "log-bundle.tar.gz", BUNDLE)
    reading = Reading([str(path)])
    lines = [line for batch in reading.batches() for line in batch.lines]
    assert [(line.node, line.unit, line.text) for line in lines] == [
        ("bootstrap", "bootkube", "hello"),
        ("10.0.0.11", "kubelet", "there"),
    ]
    assert [node for node, _ in reading.records] == ["bootstrap"]
    assert [source.kind for source in reading.sources] == ["journal", "records", "journal", "resources"]
    assert lines[0].source == f"{path}:log-bundle-20210705/bootstrap/journals/bootkube.log"
    assert lines[0].time == micros(2021, 7, 5, 5, 38, 2)


def test_a_directory_gives_the_same_as_its_archive(tmp_path: Path) -> None:
    path = bundle(tmp_path / "log-bundle.tar.gz", BUNDLE)
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path / "out", filter="data")
    packed = {(line.node, line.unit, line.text, line.time) for line in read(path)[0]}
    assert {(line.node, line.unit, line.text, line.time) for line in read(tmp_path / "out")[0]} == packed


def test_what_is_left_of_a_torn_archive_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "torn.log.gz"
    whole = gzip.compress(b"".join(b"%d %s\n" % (n, os.urandom(30).hex().encode()) for n in range(200_000)))
    path.write_bytes(whole[: len(whole) // 2])
    lines, sources = read(path)
    assert len(lines) > 1000
    assert sources[0].note.startswith("Damaged after line")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_the_members_before_the_tear_of_a_bundle_are_read(tmp_path: Path, share: float) -> None:
    noise = {f"bootstrap/containers/{n}.log": os.urandom(20_000).hex().encode() + b"\n" for n in range(20)}
    path = bundle(tmp_path / "whole.tar.gz", {**BUNDLE, **noise})
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    lines, sources = read(path)
    assert {"hello", "there"} <= {line.text for line in lines}
    assert any("amaged" in source.note for source in sources)


@pytest.mark.parametrize(("content", "note"), [(b"LPKSHHRH\0\0", "journalctl"), (b"\x7fELF\0\0\0", "Not text")])
def test_what_is_no_text_is_passed_over_with_a_word(tmp_path: Path, content: bytes, note: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    lines, sources = read(path)
    assert (lines, sources[0].kind) == ([], "skipped")
    assert note in sources[0].note


def test_a_path_that_cannot_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match=r"missing cannot be read: No such file or directory\."):
        read(tmp_path / "missing")


def test_progress_counts_what_was_named(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(b"".join(os.urandom(40).hex().encode() + b"\n" for _ in range(100_000))))
    told: list[tuple[int, int]] = []
    for _ in Reading([str(path)], told=lambda done, total: told.append((done, total))).batches():
        pass
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
    assert sorted(told) == told


def test_the_clock_of_these_tests_is_utc() -> None:
    assert micros(1970, 1, 1) == 0 == int(datetime(1970, 1, 1, tzinfo=UTC).timestamp())
