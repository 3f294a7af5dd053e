"""How a token is written where a space would not be seen."""

SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥"}


def label(token: str) -> str:
    """Write a token so that it can be seen."""
    for character, sign in SIGNS.items():
        token = token.replace(character, sign)
    return token
