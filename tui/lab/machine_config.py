"""Machine-config servers: the bootstrap's, which serves control plane nodes only, and those of the control plane."""

import json
from collections.abc import Callable

from aiohttp import web

_TYPE = "application/vnd.coreos.ignition+json"
Served = Callable[[str, str], None]
"""Told the pool and the asker's address."""


def application(pools: set[str], served: Served) -> web.Application:
    """The server for these pools. It gives a configuration only to Ignition, and says 500 for other pools."""

    async def config(request: web.Request) -> web.Response:
        pool = request.match_info["pool"]
        if _TYPE not in request.headers.get("Accept", ""):
            return web.Response(status=400, text="")
        if pool not in pools:
            return web.Response(status=500, text="")
        served(pool, request.remote or "")
        rendered = {"ignition": {"version": "3.4.0"}, "storage": {"files": [_label(pool)]}}
        return web.Response(body=json.dumps(rendered).encode(), headers={"Content-Type": f"{_TYPE};version=3.4.0"})

    async def healthy(_request: web.Request) -> web.Response:
        return web.Response(text="")

    app = web.Application()
    app.router.add_get("/config/{pool}", config)
    app.router.add_get("/healthz", healthy)
    return app


def _label(pool: str) -> dict[str, object]:
    return {"path": "/etc/rehearsal-lab", "contents": {"source": f"data:,pool%20{pool}%20of%20the%20rehearsal%20lab"}}
