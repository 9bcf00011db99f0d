"""Names and domains."""

from collections.abc import Iterator

from tui.plan.golang import is_subdomain
from tui.plan.rules.config import Config
from tui.plan.rules.table import Found, refusal, rule
from tui.text import say

LONGEST_NAME = 54
_DNS = "Use lower-case letters, digits, '-' and '.'; begin and end each part with a letter or digit."


@refusal(
    "api-version",
    "apiVersion must be v1 (v1beta3 and v1beta4 are converted).",
    "Write apiVersion: v1.",
    gate=True,
)
def api_version(config: Config) -> Iterator[Found]:
    version = config.text("apiVersion")
    if not version:
        yield Found("apiVersion", say("apiVersion is missing."))
    elif version not in {"v1", "v1beta3", "v1beta4"}:
        yield Found("apiVersion", say("apiVersion is none that the installer can read."))


@refusal("cluster-name", "The cluster's name is a DNS name of at most 54 characters.", _DNS)
def cluster_name(config: Config) -> Iterator[Found]:
    if not config.name:
        yield Found("metadata.name", say("The cluster has no name."), say("Choose a short name, such as ocp4."))
    elif len(config.name.encode("utf-8", "replace")) > LONGEST_NAME:
        what = say("The cluster's name is longer than {most} characters.", most=LONGEST_NAME)
        yield Found("metadata.name", what, say("Choose a shorter name."))
    elif not is_subdomain(config.name):
        yield Found("metadata.name", say("The cluster's name is not a DNS name."))


@refusal("base-domain", "The base domain is a DNS name of at most 253 characters; one dot at its end is taken.", _DNS)
def base_domain(config: Config) -> Iterator[Found]:
    domain = config.base_domain.removesuffix(".")
    if not domain:
        yield Found(
            "baseDomain", say("There is no base domain."), say("Enter the domain that your name servers serve.")
        )
    elif not is_subdomain(domain):
        yield Found("baseDomain", say("The base domain is not a DNS name."))
    elif config.name and is_subdomain(config.name) and not is_subdomain(config.domain):
        what = say("The cluster's name and the base domain together are longer than 253 characters.")
        yield Found("baseDomain", what, say("Choose a shorter name or domain."))


@rule("label-length", "No part of a name between dots is longer than 63 characters: it could not be resolved.", _DNS)
def label_length(config: Config) -> Iterator[Found]:
    for path, name in (("metadata.name", config.name), ("baseDomain", config.base_domain)):
        if len(name) <= 253 and any(len(label) > 63 for label in name.split(".")):
            what = say("A part of the name between two dots is longer than 63 characters, which no name server takes.")
            yield Found(path, what, say("Shorten that part."))


@rule(
    "route-length",
    "The longest name below *.apps stays within 253 characters.",
    "Choose a shorter cluster name or base domain.",
)
def route_length(config: Config) -> Iterator[Found]:
    longest = f"oauth-openshift.apps.{config.domain}"
    console = f"console-openshift-console.apps.{config.domain}"
    if is_subdomain(config.domain) and max(len(longest), len(console)) > 253:
        yield Found("baseDomain", say("The console's name would be longer than 253 characters."))


@rule(
    "cluster-name-dots",
    "A dot in the cluster's name makes a subdomain of its own.",
    "Use a name without dots, or see that the name servers serve that subdomain.",
    severity="warning",
)
def cluster_name_dots(config: Config) -> Iterator[Found]:
    if "." in config.name:
        what = say("The cluster's name holds a dot: api and *.apps move one domain down.")
        yield Found("metadata.name", what)


@rule(
    "base-domain-single",
    "A base domain of one part is hardly ever served by a name server.",
    "Use the full domain, such as lab.example.com.",
    severity="warning",
)
def base_domain_single(config: Config) -> Iterator[Found]:
    domain = config.base_domain.removesuffix(".")
    if domain and "." not in domain:
        yield Found("baseDomain", say("The base domain has only one part."))


@rule(
    "base-domain-local",
    "Names below .local belong to multicast DNS.",
    "Use another domain, such as one below example.com or home.arpa.",
    severity="warning",
)
def base_domain_local(config: Config) -> Iterator[Found]:
    if config.base_domain.removesuffix(".").rpartition(".")[2] == "local":
        yield Found("baseDomain", say("Many systems look up .local by multicast DNS and never ask the name server."))
