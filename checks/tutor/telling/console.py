"""Make every line fit for any console: one that cannot print an emoji gets a word instead."""

import codecs
import sys

WORDS = {
    "✅": "[ok]",
    "❌": "[no]",
    "✏️": "[to do]",
    "💬": "[note]",
    "🔎": "[...]",
    "🏆": "*",
    "🎉": "***",
    "→": "->",
    "·": "-",
    "─": "-",
    "█": "#",
    "—": "-",
    "…": "...",
}


def plain(error: UnicodeEncodeError) -> tuple[str, int]:
    """Replace one character that the console cannot print (an error handler for codecs)."""
    character = error.object[error.start]
    word = next((word for emoji, word in WORDS.items() if emoji[0] == character), "?")
    return ("" if character == "\ufe0f" else word), error.start + 1


def prepare() -> None:
    """Let standard output and standard error print anything, on any console."""
    codecs.register_error("plain", plain)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plain")
