"""What rules have to know of the machine that runs openshift-install: read here, so that the rules stay pure."""

from pathlib import Path

_FIPS = Path("/proc/sys/crypto/fips_enabled")


def in_fips_mode(state: Path = _FIPS) -> bool:
    """Whether this machine's kernel is in FIPS mode; one that does not say is not."""
    try:
        return state.read_text("ascii").strip() == "1"
    except (OSError, ValueError):
        return False
