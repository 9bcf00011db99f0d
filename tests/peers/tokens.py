"""A token service as registries with Bearer authentication have: docker-registry checks the tokens it signs."""

import base64
import json
import ssl
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.peers.servers import HOST, free_port
from tests.peers.site import Site

ISSUER, SERVICE = "peers issuer", "peers registry"


@asynccontextmanager
async def token_service(site: Site, user: str, password: str) -> AsyncIterator[str]:
    """Runs the service over TLS; gives the `auth` of a registry that believes it."""
    crt, key = site.ca.issue(site.servers.directory / "tokens", HOST)
    port = free_port()

    async def token(request: web.Request) -> web.Response:
        wanted = base64.b64encode(f"{user}:{password}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {wanted}":
            return web.Response(status=401)
        return web.json_response({"token": _signed(crt.read_bytes(), key.read_bytes(), user)})

    app = web.Application()
    app.router.add_get("/token", token)
    runner = web.AppRunner(app)
    await runner.setup()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(crt, key)
    await web.TCPSite(runner, HOST, port, ssl_context=context).start()
    realm = f"https://{HOST}:{port}/token"
    bundle = site.servers.file("tokens/ca.pem", site.ca.pem)
    try:
        yield (
            f"  token:\n    realm: {realm}\n    service: {SERVICE}\n    issuer: {ISSUER}\n    rootcertbundle: {bundle}"
        )
    finally:
        await runner.cleanup()


def _signed(certificate: bytes, key: bytes, user: str) -> str:
    """A JWT of ES256 whose header carries the certificate that signs it."""
    der = x509.load_pem_x509_certificate(certificate).public_bytes(serialization.Encoding.DER)
    header = {"typ": "JWT", "alg": "ES256", "x5c": [base64.b64encode(der).decode()]}
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "sub": user,
        "aud": SERVICE,
        "exp": now + 300,
        "nbf": now - 10,
        "iat": now,
        "jti": uuid.uuid4().hex,
        "access": [],
    }
    body = f"{_url64(json.dumps(header).encode())}.{_url64(json.dumps(claims).encode())}"
    private = serialization.load_pem_private_key(key, None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(private.sign(body.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{body}.{_url64(r.to_bytes(32) + s.to_bytes(32))}"


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
