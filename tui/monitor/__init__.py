"""Journals over SSH, bootstrap stages, cluster API, certificate requests, operators."""
