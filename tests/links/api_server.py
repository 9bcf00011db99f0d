"""An API server with TLS for the tests: asks for a client certificate, as a cluster's does, and runs one handler."""

import base64
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tui.links.kubernetes import Api, load_kubeconfig

NAME = "api.ocp4.example.com"


class Authority:
    """A certificate authority that issues certificates for names."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver-lb-signer")])
        self.pem = self._signed(self._name, self._key, x509.BasicConstraints(ca=True, path_length=None)).public_bytes(
            Encoding.PEM
        )

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def issue(self, name: str) -> tuple[bytes, bytes]:
        """(certificate, key) as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._signed(subject, key, x509.SubjectAlternativeName([x509.DNSName(name)]))
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        return certificate.public_bytes(Encoding.PEM), pem


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """An API server that asks for a client certificate, as a cluster's does."""

    def __init__(self, directory: Path) -> None:
        self.authority = Authority()
        self.handler: Handler = self.hello
        self.port = 0
        self.path = directory / "kubeconfig"
        self._directory = directory
        self._runner: web.ServerRunner | None = None

    async def hello(self, request: web.Request) -> web.StreamResponse:
        peer = request.transport.get_extra_info("peercert") if request.transport else None
        user = dict(entry[0] for entry in peer["subject"])["commonName"] if peer else ""
        return web.json_response({"user": user, "host": request.host, "token": request.headers.get("Authorization")})

    async def start(self) -> None:
        certificate, key = self.authority.issue(NAME)
        for name, data in (("ca", self.authority.pem), ("crt", certificate), ("key", key)):
            (self._directory / name).write_bytes(data)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._directory / "crt", self._directory / "key")
        context.load_verify_locations(self._directory / "ca")
        context.verify_mode = ssl.CERT_OPTIONAL

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            return await self.handler(request)  # type: ignore[arg-type]

        self._runner = web.ServerRunner(web.Server(handle), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.kubeconfig()

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def kubeconfig(self, authority: Authority | None = None, token: str = "") -> None:
        certificate, key = (authority or self.authority).issue("system:admin")
        encoded = [base64.b64encode(data).decode() for data in ((authority or self.authority).pem, certificate, key)]
        user = {"token": token} if token else {"client-certificate-data": encoded[1], "client-key-data": encoded[2]}
        cluster = {"server": f"https://{NAME}:6443", "certificate-authority-data": encoded[0]}
        document = {
            "clusters": [{"name": "ocp4", "cluster": cluster}],
            "contexts": [{"name": "admin", "context": {"cluster": "ocp4", "user": "admin"}}],
            "current-context": "admin",
            "users": [{"name": "admin", "user": user}],
        }
        self.path.write_text(yaml.safe_dump(document))

    def place(self, host: str, port: int) -> tuple[str, int]:
        assert (host, port) == (NAME, 6443)
        return "127.0.0.1", self.port

    def api(self, seconds: float = 5) -> Api:
        return Api(load_kubeconfig(self.path), self.place, seconds=seconds)
