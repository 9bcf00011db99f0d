"""One file a step: topology, network, pull_secret, artifacts, generate, boot, monitor."""
