"""The decisions as data. Pure: no input or output but its own file."""
