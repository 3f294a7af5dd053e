"""How a token is written where a space would not be seen."""

SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥"}


def label(token: str) -> str:
    """Write a token so that it can be seen."""
    for character, sign in SIGNS.items():
        token = token.replace(character, sign)
    return token


def favourite(weights, tokens: list[str]) -> tuple[str, float]:
    """Name the place that gets most from those behind it: the text tells more than a role can.

    Args:
        weights: the map of one head, (T, T).
        tokens: the T tokens.

    Returns:
        The token at the place of which the tokens behind it, three at least, give the largest mean
        share, and this share. ("", 0.0) if the text is too short.
    """
    means = [float(weights[place + 1 :, place].mean()) for place in range(len(tokens) - 3)]
    if not means:
        return "", 0.0
    place = max(range(len(means)), key=means.__getitem__)
    return tokens[place], means[place]
