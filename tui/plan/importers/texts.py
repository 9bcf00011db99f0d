"""The text in a file, whatever it was encoded with."""

_MARKS = ((b"\xff\xfe\x00\x00", "utf-32-le"), (b"\x00\x00\xfe\xff", "utf-32-be"), (b"\xff\xfe", "utf-16-le"),
          (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))  # fmt: skip


def decoded(data: bytes) -> str:
    """By its byte order mark, else UTF-8, else as Western Windows wrote it; line ends are \\n."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if encoding:
        text = data.decode(encoding, "replace").lstrip("\ufeff")
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_binary(text: str) -> bool:
    """Whether this is no text: nobody's configuration holds a NUL."""
    return "\0" in text
