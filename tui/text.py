"""Every sentence a person reads passes through here, so that a second language can be added in one place."""


def say(sentence: str, /, **values: object) -> str:
    """The sentence in the person's language (English for now), its `{name}` fields filled from `values`.

    A sentence without values is returned as it is, so braces in node output are never interpreted.
    """
    return sentence.format(**values) if values else sentence
