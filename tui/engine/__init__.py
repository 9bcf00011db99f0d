"""The background process: takes jobs, calls the rooms, records what came out."""
