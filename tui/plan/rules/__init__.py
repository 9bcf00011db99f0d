"""The rules: what openshift-install refuses, and what it accepts and a person regrets, by version."""

from typing import Literal

from tui.plan.model import Plan, Problem

Target = Literal["manifests", "sno"]


def judge(plan: Plan) -> list[Problem]:
    """Every problem of a plan, at paths of plan.yaml, worst first."""
    return []


def judge_install_config(document: object, version: str, target: Target = "manifests") -> list[Problem]:
    """Every problem of an install-config document, as that version's openshift-install would judge it."""
    return []
