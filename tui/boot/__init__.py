"""Serving Ignition, kernel arguments, Redfish, and what is known of each node before it speaks."""
