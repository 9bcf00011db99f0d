"""Failure detectors: rules as data, the matcher, plan-aware advice."""
