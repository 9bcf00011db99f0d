"""What is needed, found, fetched, verified, unpacked."""
