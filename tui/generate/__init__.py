"""Templates into files, openshift-install into manifests and Ignition, and the certificate clock."""
