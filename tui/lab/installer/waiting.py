"""`wait-for bootstrap-complete` and `wait-for install-complete`: asks the lab's API, and says what the real one says.

Time limits run in lab time.
"""

import base64
import contextlib
import http.client
import json
import os
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
import yaml
from typing_extensions import override

from tui.lab.clock import Rate, read
from tui.lab.installer.output import Failed, Log
from tui.lab.settings import API, DNS, SERVICES, Settings, load

API_LIMIT, BOOTSTRAP_LIMIT, INSTALL_LIMIT, STABLE_LIMIT = (timedelta(minutes=m) for m in (20, 45, 40, 30))
BOOTSTRAP_FAILED, INSTALL_FAILED, NOT_STABLE = 5, 6, 7
STABLE_FOR = 30.0
_CONFIGMAPS = "/api/v1/namespaces/kube-system/configmaps"
_WATCH = (
    "allowWatchBookmarks=true&fieldSelector=metadata.name%3Dbootstrap&resourceVersion=16911"
    "&timeoutSeconds=494&watch=true"
)
_WATCHER = "k8s.io/client-go/tools/watch/informerwatcher.go:146"
_OPERATORS = "/apis/config.openshift.io/v1/clusteroperators"
_POLL, _REPEAT = 2.0, 30.0
_LEAST_PAUSE = 0.1


class Unanswered(Exception):
    """The API did not answer; in Go's words."""


def wait_for(target: str, directory: Path, log: Log, lab: Path) -> int:
    """Waits as `openshift-install wait-for TARGET` does; gives its exit code."""
    try:
        with _client(directory, lab) as client:
            waiting = _Waiting(client, log, directory)
            return waiting.bootstrap() if target == "bootstrap-complete" else waiting.install()
    except FileNotFoundError as error:
        path = error.filename
        raise Failed(f"level=fatal msg=loading kubeconfig: stat {path}: no such file or directory") from None


class _Client:
    """Speaks to https://api… as the kubeconfig says, through the lab's name server and balancer."""

    def __init__(self, server: str, tls: ssl.SSLContext, settings: Settings, folder: Path) -> None:
        self.server = server
        self.host = server.removeprefix("https://").partition(":")[0]
        self._tls = tls
        self._settings = settings
        self._folder = folder

    def rate(self) -> Rate:
        """The lab's clock."""
        return read(self._folder) or Rate(wall=0, lab=0, speed=1.0)

    def get(self, path: str) -> dict[str, Any] | None:
        """The object at `path`, None where there is none. Raises Unanswered."""
        try:
            address = self._address()
            connection = _Connection(address, self._settings.real(API), self._tls, self.host)
            try:
                connection.request("GET", path)
                response = connection.getresponse()
                body = json.loads(response.read())
            finally:
                connection.close()
        except Unanswered as error:
            raise Unanswered(f'Get "{self.server}{path}": {error}') from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unanswered(f'Get "{self.server}{path}": {self._go(error)}') from error
        return body if response.status == 200 else None

    def _address(self) -> str:
        server, port = self._settings.place(SERVICES, DNS)
        shown = self._settings.address(SERVICES)
        try:
            reply = dns.query.udp(dns.message.make_query(self.host, "A"), server, port=port, timeout=2)
        except (OSError, dns.exception.DNSException):
            refused = f"read udp {shown}:41234->{shown}:53: read: connection refused"
            raise Unanswered(f"dial tcp: lookup {self.host} on {shown}:53: {refused}") from None
        found = [record for rrset in reply.answer for record in rrset if record.rdtype == dns.rdatatype.A]
        if not found:
            raise Unanswered(f"dial tcp: lookup {self.host} on {shown}:53: no such host")
        return str(found[0].address)

    def _go(self, error: Exception) -> str:
        if isinstance(error, ConnectionRefusedError):
            return f"dial tcp {self._settings.address(SERVICES)}:{API}: connect: connection refused"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"tls: failed to verify certificate: x509: {error.verify_message}"
        return "EOF"


class _Connection(http.client.HTTPSConnection):
    """To an address, with the name that the certificate carries."""

    def __init__(self, address: str, port: int, tls: ssl.SSLContext, name: str) -> None:
        super().__init__(address, port, timeout=10, context=tls)
        self._name = name
        self._tls = tls

    @override
    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._name)


@contextlib.contextmanager
def _client(directory: Path, lab: Path) -> Iterator[_Client]:
    document = yaml.safe_load((directory / "auth" / "kubeconfig").read_text("utf-8"))
    cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    tls = ssl.create_default_context(cadata=authority)
    both = "".join(base64.b64decode(user[f"client-{part}-data"]).decode() for part in ("certificate", "key"))
    number, name = tempfile.mkstemp()
    try:
        os.write(number, both.encode())
        os.close(number)
        tls.load_cert_chain(name)
    finally:
        Path(name).unlink()
    settings = load(lab)
    if settings is None:
        raise Failed("level=fatal msg=The rehearsal lab of this stand-in is gone")
    yield _Client(cluster["server"], tls, settings, lab)


class _Waiting:
    def __init__(self, client: _Client, log: Log, directory: Path) -> None:
        self._client = client
        self._log = log
        self._directory = directory
        self._begun = self._now()
        self._said = ("", 0.0)

    def bootstrap(self) -> int:
        """wait-for bootstrap-complete."""
        limit = self._limit("for the Kubernetes API at {server}...", API_LIMIT)
        error = self._until(self._api_up, limit)
        if error:
            hint = "Failed waiting for Kubernetes API. This error usually happens when there is a problem on the "
            return self._bootstrap_failed(
                error, hint + "bootstrap host that prevents creating a temporary control plane."
            )
        self._log.debug("Using Install Config loaded from state file")
        limit = self._limit("for bootstrapping to complete...", BOOTSTRAP_LIMIT)
        if self._until(self._bootstrapped, limit):
            hint = (
                "Failed to wait for bootstrapping to complete. This error usually happens when there is a problem with "
            )
            hint += "control plane hosts that prevents the control plane operators from creating the control plane."
            return self._bootstrap_failed("timed out waiting for the condition", hint)
        self._log.info("Waiting for the bootstrap etcd member to be removed...")
        self._until(self._etcd_removed, None)
        self._log.info("Bootstrap etcd member has been removed")
        self._log.info("It is now safe to remove the bootstrap resources")
        self._elapsed()
        return 0

    def install(self) -> int:
        """wait-for install-complete."""
        self._log.debug("Using Install Config loaded from state file")
        limit = self._limit("for the cluster at {server} to initialize...", INSTALL_LIMIT)
        error = self._until(self._initialized, limit)
        if error:
            self._gathered()
            self._log.error("Cluster initialization failed because one or more operators are not functioning properly.")
            self._log.error(f"failed to initialize the cluster: {error}")
            return INSTALL_FAILED
        limit = self._limit("to ensure each cluster operator has finished progressing...", STABLE_LIMIT)
        if self._until(self._stable, limit):
            self._log.error("These cluster operators were not stable")
            return NOT_STABLE
        self._log.info("All cluster operators have completed progressing")
        self._log.info("Checking to see if there is a route at openshift-console/console...")
        self._complete()
        return 0

    # --- one look each: "" when it is done, else what is missing ---------------------------------------------------

    def _api_up(self) -> str:
        try:
            version = self._client.get("/version")
        except Unanswered as error:
            return self._still(f"Still waiting for the Kubernetes API: {error}", str(error))
        self._log.info(f"API {(version or {}).get('gitVersion')} up")
        return ""

    def _bootstrapped(self) -> str:
        try:
            found = self._client.get(f"{_CONFIGMAPS}/bootstrap")
        except Unanswered as error:
            self._watch_failed(str(error).partition('": ')[2])
            return "refused"
        status = ((found or {}).get("data") or {}).get("status", "")
        if found is not None:
            self._log.debug(f"Bootstrap status: {status}" if status else "No status found in bootstrap configmap")
        return "" if status == "complete" else "waiting"

    def _watch_failed(self, why: str) -> None:
        now = self._now()
        if now - self._said[1] < 5:
            return
        self._said = (why, now)
        moment = datetime.fromtimestamp(now, UTC)
        self._log.raw(
            f"E{moment:%m%d %H:%M:%S.%f} {os.getpid():7} reflector.go:147] {_WATCHER}: "
            f'Failed to watch *v1.ConfigMap: Get "{self._client.server}{_CONFIGMAPS}?{_WATCH}": {why}'
        )

    def _etcd_removed(self) -> str:
        conditions = self._conditions("/apis/operator.openshift.io/v1/etcds/cluster")
        return "" if conditions.get("EtcdBootstrapMemberRemoved", ("",))[0] == "True" else "waiting"

    def _initialized(self) -> str:
        conditions = self._conditions("/apis/config.openshift.io/v1/clusterversions/version")
        words = {kind: status for kind, (status, _) in conditions.items()}
        if (words.get("Available"), words.get("Progressing"), words.get("Failing")) == ("True", "False", "False"):
            self._log.debug("Cluster is initialized")
            return ""
        failing, progressing = conditions.get("Failing", ("", "")), conditions.get("Progressing", ("", ""))
        why = failing[1] if failing[0] == "True" else progressing[1]
        return self._still(
            f"Still waiting for the cluster to initialize: {why}", why or "timed out waiting for the condition"
        )

    def _stable(self) -> str:
        try:
            operators = (self._client.get(_OPERATORS) or {}).get("items", [])
        except Unanswered as error:
            return str(error)
        for operator in operators:
            for condition in operator["status"]["conditions"]:
                since = datetime.fromisoformat(condition["lastTransitionTime"]).timestamp()
                if condition["type"] == "Progressing" and (
                    condition["status"] != "False" or self._now() - since < STABLE_FOR
                ):
                    return str(operator["metadata"]["name"])
        return ""

    # --- the rest --------------------------------------------------------------------------------------------------

    def _conditions(self, path: str) -> dict[str, tuple[str, str]]:
        try:
            found = self._client.get(path)
        except Unanswered:
            return {}
        conditions = ((found or {}).get("status") or {}).get("conditions", [])
        return {c["type"]: (c["status"], c.get("message", "")) for c in conditions}

    def _still(self, text: str, why: str) -> str:
        now = self._now()
        if text != self._said[0] or now - self._said[1] >= _REPEAT:
            self._log.debug(text)
            self._said = (text, now)
        return why

    def _now(self) -> float:
        return self._client.rate().now() / 1e6

    def _limit(self, what: str, limit: timedelta) -> float:
        until = self._now() + limit.total_seconds()
        clock = datetime.fromtimestamp(until, UTC).strftime("%I:%M%p UTC").lstrip("0")
        minutes = int(limit.total_seconds()) // 60
        self._log.info(f"Waiting up to {minutes}m0s (until {clock}) {what.format(server=self._client.server)}")
        return until

    def _until(self, look: Callable[[], str], limit: float | None) -> str:
        """Looks again and again; gives "" when it is done, else at the limit the last word."""
        while True:
            missing = look()
            if not missing or (limit is not None and self._now() >= limit):
                return missing
            time.sleep(max(_POLL / self._client.rate().speed, _LEAST_PAUSE))

    def _bootstrap_failed(self, error: str, hint: str) -> int:
        self._gathered()
        self._log.info("Use the following commands to gather logs from the cluster")
        self._log.info("openshift-install gather bootstrap --help")
        self._log.error(f"Bootstrap failed to complete: {error}")
        self._log.error(hint)
        return BOOTSTRAP_FAILED

    def _gathered(self) -> None:
        try:
            operators = (self._client.get(_OPERATORS) or {}).get("items", [])
        except Unanswered as error:
            why = f"listing ClusterOperator objects: {error}"
            self._log.error(f"Attempted to gather ClusterOperator status after wait failure: {why}")
            return
        for operator in operators:
            for c in operator["status"]["conditions"]:
                if (c["type"], c["status"]) in {("Available", "False"), ("Degraded", "True")}:
                    told = f"{c['type']} is {c['status']} with {c['reason']}: {c['message']}"
                    self._log.error(f"Cluster operator {operator['metadata']['name']} {told}")

    def _complete(self) -> None:
        route = None
        with contextlib.suppress(Unanswered):
            route = self._client.get("/apis/route.openshift.io/v1/namespaces/openshift-console/routes/console")
        password = (self._directory / "auth" / "kubeadmin-password").read_text("utf-8")
        kubeconfig = (self._directory / "auth" / "kubeconfig").absolute()
        self._log.info("Install complete!")
        self._log.info("To access the cluster as the system:admin user when using 'oc', run")
        self._log.info(f"    export KUBECONFIG={kubeconfig}")
        if route is not None:
            self._log.info(f"Access the OpenShift web-console here: https://{route['spec']['host']}")
        self._log.info(f'Login to the console with user: "kubeadmin", and password: "{password}"')
        self._elapsed()

    def _elapsed(self) -> None:
        seconds = int(self._now() - self._begun)
        minutes = f"{seconds // 60}m" if seconds >= 60 else ""
        self._log.info(f"Time elapsed: {minutes}{seconds % 60}s")
