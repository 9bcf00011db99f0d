"""journalctl's JSON becomes lines; the command loses nothing across a reboot."""

import json
import shlex

from tui.lines import Line
from tui.monitor.journals import command, decode


def entry(**fields: object) -> bytes:
    base = {
        "__CURSOR": "s=1;i=1",
        "__REALTIME_TIMESTAMP": "1747025678931736",
        "__MONOTONIC_TIMESTAMP": "1",
        "_BOOT_ID": "b1",
        "MESSAGE": "hello",
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "bootkube.sh",
        "_SYSTEMD_UNIT": "bootkube.service",
        "_PID": "2484",
    }
    present = {name: value for name, value in {**base, **fields}.items() if value != "absent"}
    return json.dumps(present).encode()


def only(**fields: object) -> Line:
    (line,), _ = decode(entry(**fields), "bootstrap")
    return line


def test_an_entry_becomes_a_line_with_all_that_is_known() -> None:
    assert only() == Line(
        text="hello",
        time=1747025678931736,
        node="bootstrap",
        source="bootstrap",
        unit="bootkube",
        identifier="bootkube.sh",
        priority=6,
        pid=2484,
        boot="b1",
    )


def test_messages_come_as_text_as_bytes_and_as_several_values() -> None:
    assert only(MESSAGE="tab\tand\nline feed ✓").text == "tab\tand\nline feed ✓"
    assert only(MESSAGE=list(b"\x1b[31mred\x1b[0m")).text == "red"
    assert only(MESSAGE=list(b"bad \xff")).text == "bad \ufffd"
    assert only(MESSAGE=["first", "second"]).text == "first"
    assert only(MESSAGE=[[102, 105], "second"]).text == "fi"
    assert only(MESSAGE="").text == ""


def test_what_systemd_says_about_a_unit_belongs_to_that_unit() -> None:
    line = only(SYSLOG_IDENTIFIER="systemd", _SYSTEMD_UNIT="init.scope", UNIT="bootkube.service", MESSAGE="Started …")
    assert line.unit == "bootkube"
    assert only(SYSLOG_IDENTIFIER="systemd", _SYSTEMD_UNIT="init.scope").unit == "init.scope"
    assert only(UNIT="claimed.service").unit == "bootkube"


def test_podmans_copy_of_a_bootkube_line_is_marked_and_a_nameless_container_is_not() -> None:
    assert only(SYSLOG_IDENTIFIER="cluster-bootstrap").twin
    assert only(SYSLOG_IDENTIFIER="mco-render").twin
    assert not only(SYSLOG_IDENTIFIER="bootkube.sh").twin
    assert not only(SYSLOG_IDENTIFIER="peaceful_yalow").twin


def test_an_entry_without_a_message_is_no_line_but_its_cursor_counts() -> None:
    lines, cursor = decode(entry() + b"\n" + entry(MESSAGE="absent", __CURSOR="s=1;i=2") + b"\n", "n")
    assert len(lines) == 1
    assert cursor == "s=1;i=2"
    assert decode(entry(MESSAGE=None, __CURSOR="s=1;i=3"), "n") == ([], "s=1;i=3")


def test_odd_and_missing_fields_break_nothing() -> None:
    line = only(PRIORITY="x", _PID=[1], SYSLOG_IDENTIFIER="absent", _SYSTEMD_UNIT="absent", __REALTIME_TIMESTAMP="")
    assert (line.priority, line.pid, line.identifier, line.unit, line.time) == (None, None, "", "", None)
    lines, cursor = decode(b"-- No entries --\n\n" + entry(), "n")
    assert [line.text for line in lines] == ["-- No entries --", "hello"]
    assert cursor == "s=1;i=1"


def test_a_huge_message_is_cut_and_says_so() -> None:
    line = only(MESSAGE="é" * 1_000_000)
    assert len(line.text.encode()) < 66_000
    assert "bytes left out" in line.text


def test_the_command_follows_all_boots_from_the_cursor() -> None:
    words = shlex.split(command("s=ab;i=1f;b=c;m=1;t=2;x=3"))
    assert words[0] == "journalctl"
    assert {"-m", "-f", "--no-tail", "--all", "--after-cursor=s=ab;i=1f;b=c;m=1;t=2;x=3"} <= set(words)
    assert not any(word.startswith(("-b", "--boot", "-n", "--lines")) for word in words)
    assert not any(word.startswith("--after-cursor") for word in shlex.split(command("")))


def test_a_cursor_can_never_run_a_command() -> None:
    assert shlex.split(command("'; reboot; '"))[-1] == "--after-cursor='; reboot; '"
