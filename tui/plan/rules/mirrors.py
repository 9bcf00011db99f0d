"""Mirrors of images, and the proxy."""

from collections.abc import Iterator

from tui.plan.golang import is_subdomain, parse_cidr, parse_ip, parse_request_uri, repository_fault
from tui.plan.rules.config import Config, Source
from tui.plan.rules.table import Found, refusal, rule
from tui.text import say

_FAULTS = {
    "format": "This is not an image repository.",
    "upper-case": "An image repository has lower-case letters only.",
    "not-canonical": "This is not host/repository.",
    "tag": "This names one image, by tag or digest, and not a repository.",
}


@refusal(
    "mirror-repository",
    "Sources and mirrors are repositories: host[:port]/path, without scheme, tag or digest.",
    "Write it as the mirroring tool printed it, such as mirror.example.com:5000/ocp4/openshift4.",
)
def mirror_repository(config: Config) -> Iterator[Found]:
    for source in config.sources:
        places = [(f"{source.path}.source", source.source)]
        places += [(f"{source.path}.mirrors[{index}]", mirror) for index, mirror in enumerate(source.mirrors)]
        for path, text in places:
            fault = repository_fault(text, host_alone=config.line >= (4, 10))
            if fault:
                what = say("It is empty.") if not text else say("It begins with a scheme.") if "://" in text else ""
                yield Found(path, what or say(_FAULTS[fault]))


@refusal(
    "mirror-both",
    "imageDigestSources and imageContentSources are not both given.",
    "Keep imageDigestSources.",
    since=(4, 14),
)
def mirror_both(config: Config) -> Iterator[Found]:
    if config.given.get("imageContentSources") and config.given.get("imageDigestSources"):
        yield Found("imageContentSources", say("Both imageContentSources and imageDigestSources are given."))


@refusal(
    "mirror-policy",
    "sourcePolicy is NeverContactSource or AllowContactingSource, and goes with a mirror.",
    "Delete sourcePolicy unless nodes must never ask the source.",
    since=(4, 21),
)
def mirror_policy(config: Config) -> Iterator[Found]:
    for source in config.sources:
        known = source.policy in {"NeverContactSource", "AllowContactingSource"}
        if source.policy and (not known or not source.mirrors):
            what = say("There is no such policy.") if not known else say("There is a policy but no mirror.")
            yield Found(f"{source.path}.sourcePolicy", what)


@rule(
    "mirror-old-key",
    "From 4.14 mirrors are written as imageDigestSources.",
    "Rename imageContentSources to imageDigestSources; its contents stay.",
    severity="warning",
    since=(4, 14),
)
def mirror_old_key(config: Config) -> Iterator[Found]:
    if config.given.get("imageContentSources"):
        yield Found("imageContentSources", say("imageContentSources is deprecated."))


@rule(
    "mirror-empty",
    "Each source has at least one mirror: without one the entry does nothing.",
    "Name a mirror, or delete the entry.",
    severity="warning",
)
def mirror_empty(config: Config) -> Iterator[Found]:
    for source in config.sources:
        if not source.mirrors:
            yield Found(f"{source.path}.mirrors", say("No mirror is named here, so nodes go to the source itself."))


@rule(
    "mirror-pair",
    "Two sources are always mirrored: the release image and its component images.",
    "Add the other source, as the mirroring tool printed it.",
    severity="warning",
)
def mirror_pair(config: Config) -> Iterator[Found]:
    has_release = any(_is_release(source) for source in config.sources)
    has_parts = any("-art-dev" in source.source for source in config.sources)
    if has_release != has_parts:
        path = config.sources[0].path.partition("[")[0]
        missing = say("component images (ocp-v4.0-art-dev or ocp-v5.0-art-dev)") if has_release else "ocp-release"
        yield Found(path, say("There is no mirror for the source {missing}.", missing=missing))


def _is_release(source: Source) -> bool:
    return source.source.endswith("/ocp-release")


@refusal("proxy-empty", "A proxy has a URL for http or https.", "Write httpProxy, httpsProxy or both, or delete proxy.")
def proxy_empty(config: Config) -> Iterator[Found]:
    proxy = config.section("proxy")
    if proxy is not None and not (proxy.get("httpProxy") or proxy.get("httpsProxy")):
        yield Found("proxy", say("The proxy has neither httpProxy nor httpsProxy."))


_SCHEMES = {"httpProxy": {"http"}, "httpsProxy": {"http", "https"}}


@refusal(
    "proxy-url",
    "httpProxy is an http:// URL, httpsProxy an http:// or https:// one (4.7: any absolute URL).",
    "Write it as http://HOST:PORT.",
)
def proxy_url(config: Config) -> Iterator[Found]:
    for key, schemes in _SCHEMES.items():
        text = (config.section("proxy") or {}).get(key) or ""
        url = parse_request_uri(text, any_uri=config.line < (4, 8)) if text else None
        if text and url is None:
            yield Found(f"proxy.{key}", say("This is not a URL."))
        elif url and (not url.scheme if config.line < (4, 8) else url.scheme not in schemes):
            yield Found(f"proxy.{key}", say("The URL does not begin with http://, as it must here."))


@rule(
    "proxy-url-scheme",
    "A proxy's URL begins with http:// (or https:// for httpsProxy), which 4.7 does not check.",
    "Write it as http://HOST:PORT.",
    until=(4, 7),
)
def proxy_url_scheme(config: Config) -> Iterator[Found]:
    for key, schemes in _SCHEMES.items():
        text = (config.section("proxy") or {}).get(key) or ""
        url = parse_request_uri(text, any_uri=True) if text else None
        if url and url.scheme and url.scheme not in schemes:
            yield Found(f"proxy.{key}", say("The URL does not begin with http://."))


@refusal(
    "proxy-inside",
    "The proxy's address is not in a cluster or service network.",
    "Use the proxy's real address.",
    since=(4, 8),
)
def proxy_inside(config: Config) -> Iterator[Found]:
    inside = [entry.network for entry in config.cluster + config.service]
    if config.join_subnet.bits:
        inside.append(config.join_subnet)
    for key in _SCHEMES:
        text = (config.section("proxy") or {}).get(key) or ""
        url = parse_request_uri(text) if text else None
        address = parse_ip(url.host) if url else None
        if address and any(network.contains(*address) for network in inside):
            yield Found(f"proxy.{key}", say("The proxy's address lies in a network of the cluster's own."))


@refusal("proxy-spaces", "noProxy has no spaces.", "Separate by commas alone.", since=(4, 8))
def proxy_spaces(config: Config) -> Iterator[Found]:
    if " " in _no_proxy(config):
        yield Found("proxy.noProxy", say("noProxy holds a space."))


@refusal(
    "proxy-except",
    "Each part of noProxy is a domain (a leading dot is fine, a * is not), a network or an address.",
    "Write .example.com for a whole domain.",
)
def proxy_except(config: Config) -> Iterator[Found]:
    for index, part in enumerate(_no_proxy(config).split(",") if _no_proxy(config) else []):
        text = part.strip()
        domain = text.removeprefix(".").removesuffix(".")
        address = config.line >= (4, 13) and parse_ip(text) is not None
        if not (is_subdomain(domain) or address or parse_cidr(text, config.line < (4, 10))):
            path = f"proxy.noProxy[{index}]" if config.line < (4, 8) else "proxy.noProxy"
            yield Found(path, say("Part {number} is no domain, network or address.", number=index + 1))


def _no_proxy(config: Config) -> str:
    text: str = (config.section("proxy") or {}).get("noProxy") or ""
    return "" if text == "*" else text
