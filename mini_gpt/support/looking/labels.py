"""How a token is written where a space would not be seen, and what it is called."""

SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥"}


def label(token: str) -> str:
    """Write a token so that it can be seen."""
    for character, sign in SIGNS.items():
        token = token.replace(character, sign)
    return token


def in_units(sentence: str, tokens: list[str]) -> str:
    """Speak of tokens in a sentence about characters, if these tokens are longer than that."""
    if all(len(token) == 1 or token == "<unk>" for token in tokens):
        return sentence
    for word in ("character", "letter"):
        sentence = sentence.replace(word, "token").replace(word.title(), "Token")
    return sentence
