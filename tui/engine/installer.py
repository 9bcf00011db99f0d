"""The openshift-install of this session: which one, and its wait-for run to the end."""

from pathlib import Path

from tui.engine.work import Refused
from tui.session.store import Store
from tui.text import say


def find_installer(store: Store) -> Path:
    """The program that the artifacts step found and believes. Raises Refused."""
    for job in reversed(store.jobs(states=("done",))):
        if job.kind != "artifacts" or not job.result:
            continue
        for found in job.result["found"]:
            if found["kind"] == "installer" and found["tool"] and found["state"] in ("verified", "found"):
                return Path(found["tool"])
        break
    raise Refused(say("There is no openshift-install of this version yet: finish the artifacts step."))
