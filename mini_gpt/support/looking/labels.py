"""How a token is written where a space would not be seen."""

COLUMN = 0.3
"""The mean share that makes a column dark."""

SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥"}


def label(token: str) -> str:
    """Write a token so that it can be seen."""
    for character, sign in SIGNS.items():
        token = token.replace(character, sign)
    return token


def dark_column(weights, tokens: list[str]) -> str:
    """Name the place that many look at: what a role cannot tell, since it is about this text.

    Args:
        weights: the map of one head, (T, T).
        tokens: the T tokens.

    Returns:
        The token at the place that gets the largest mean share from those behind it, and the share.
        "-" if it is below COLUMN, or if there is no place with four tokens behind it.
    """
    means = [float(weights[place + 1 :, place].mean()) for place in range(len(tokens) - 4)]
    if not means or max(means) < COLUMN:
        return "-"
    place = means.index(max(means))
    return f"{label(tokens[place])} {means[place]:.0%}"
