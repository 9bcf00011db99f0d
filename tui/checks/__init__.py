"""Preflight: the world asked before it is too late."""
