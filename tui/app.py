"""The Textual application: screens in order, keys, theme."""
