"""tokenizer.py: the vocabulary as a database table (sqlite3 comes with Python)."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS token (
    id    INTEGER PRIMARY KEY,
    code  INTEGER UNIQUE,      -- code point of a character, NULL for a special token
    name  TEXT                 -- name of a special token, NULL for a character
);
CREATE TEMP TABLE input (
    position  INTEGER,
    code      INTEGER
);
"""

ADD_SPECIAL = "INSERT OR IGNORE INTO token (id, name) VALUES (?, ?)"
ADD_CHARACTER = "INSERT OR IGNORE INTO token (code) VALUES (?)"
ALL_TOKENS = "SELECT code, name FROM token ORDER BY id"
ONE_TOKEN = "SELECT code, name FROM token WHERE id = ?"

CLEAR_INPUT = "DELETE FROM input"
FILL_INPUT = "INSERT INTO input (position, code) VALUES (?, ?)"
LOOK_UP = """
SELECT COALESCE(token.id, 1)
FROM input LEFT JOIN token ON token.code = input.code
ORDER BY input.position
"""


def show(row):
    """A row of the token table as the text it stands for."""
    code, name = row
    return chr(code) if name is None else name


class CharTokenizer:
    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError("text must be a string")
        # A private database in memory.
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.executescript(SCHEMA)
        # The special tokens get their ids by hand, the characters the next free one each.
        with self._db:
            self._db.executemany(ADD_SPECIAL, enumerate(["<pad>", "<unk>", "<eos>"]))
            self._db.executemany(ADD_CHARACTER, ((ord(c),) for c in text))
        # The vocabulary is the table, read in the order of the ids.
        self.vocab = [show(row) for row in self._db.execute(ALL_TOKENS)]
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError("text must be a string")
        # Put the text into a table, one character a row.
        with self._db:
            self._db.execute(CLEAR_INPUT)
            self._db.executemany(FILL_INPUT, ((i, ord(c)) for i, c in enumerate(text)))
        # Join it to the vocabulary. A character without a partner gets id 1.
        rows = self._db.execute(LOOK_UP).fetchall()
        return [number for (number,) in rows]  # PREDICT: what is here for "hello"?

    def decode(self, ids) -> str:
        parts = []
        for number in ids:
            # Ask for the row with this id.
            try:
                row = self._db.execute(ONE_TOKEN, (number,)).fetchone()
            except OverflowError:
                row = None
            if row is None:
                raise ValueError(f"no token has the id {number}")
            parts.append(show(row))
        return "".join(parts)
