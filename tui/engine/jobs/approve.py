"""Job "approve" {csr}: approves one certificate request that the person chose."""

from typing import Any

from tui.engine.work import Refused, Work
from tui.links.kubernetes import ApiFailed
from tui.monitor.cluster import Cluster
from tui.text import say


async def run(work: Work) -> dict[str, Any]:
    """Approves, and says so in the timeline."""
    desk, name = work.desk, str(work.arguments["csr"])
    kubeconfig = desk.kubeconfig
    if not kubeconfig.is_file():
        raise Refused(say("There is no kubeconfig in {place} yet: generate first.", place=kubeconfig))
    try:
        await Cluster(kubeconfig, desk.plan).approve(name)
    except ApiFailed as error:
        raise Refused(str(error)) from error
    work.progress(say("Approved {name}.", name=name))
    desk.store.tell("person", say("Certificate request {name} approved", name=name))
    return {"csr": name}
