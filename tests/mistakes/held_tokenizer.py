"""Held-out wrong modules of loop 1: nobody tuned the diagnosis on these styles."""

from tests.mistakes import Mistake

ORDER = r"order|first|appear|sort"
UNKNOWN = r"unk|unknown|never seen|not in the vocab"
REFUSE = r"ValueError|negative|below|exist|refus|nobody has"
IDS = r"\bids?\b|hello|encode|special|offset|three"

MISTAKES = [
    # held_haskell_lover
    Mistake(
        name="sorted_vocab_held_haskell",
        base="held_haskell_lover",
        edits=(("chars = nub(text)", "chars = tuple(sorted(nub(text)))"),),
        says=ORDER,
    ),
    Mistake(
        name="dict_not_turned_round_held_haskell",
        base="held_haskell_lover",
        edits=(("dict(map(reversed, enumerate(tokens)))", "dict(enumerate(tokens))"),),
        says=r"TypeError|concatenate|str|int|direction|key",
        kind="raises",
        also=("ids = {c: n + len(SPECIALS) for c, n in invert(chars).items()}",),
    ),
    Mistake(
        name="specials_not_added_to_ids_held_haskell",
        base="held_haskell_lover",
        edits=(("{c: n + len(SPECIALS) for c, n in", "{c: n for c, n in"),),
        says=IDS,
        also=("return dict(map(reversed, enumerate(tokens)))",),
    ),
    Mistake(
        name="negative_ids_accepted_held_haskell",
        base="held_haskell_lover",
        edits=(("if 0 <= number < len(tokens) else", "if number < len(tokens) else"),),
        says=REFUSE,
    ),
    Mistake(
        name="unknown_is_pad_and_spaces_between_held_haskell",
        base="held_haskell_lover",
        edits=(
            ("UNKNOWN = 1", "UNKNOWN = 0"),
            ('return "".join(map(self._token, ids))', 'return " ".join(map(self._token, ids))'),
        ),
        says=UNKNOWN + r"|space|join|between|text back",
        also=(
            "self._id = partial(from_maybe, UNKNOWN, ids)",
            "return table[key] if key in table else default",
        ),
    ),
    # held_c_programmer
    Mistake(
        name="counter_not_moved_held_c",
        base="held_c_programmer",
        edits=(("                n += 1\n", ""),),
        says=r"size|count|16|" + IDS,
        kind="omission",
        also=("self.vocab.append(ch)", "self.poke(ord(ch), n)"),
    ),
    Mistake(
        name="unk_forgotten_held_c",
        base="held_c_programmer",
        edits=(('        self.vocab[UNK_ID] = "<unk>"\n', ""),),
        says=UNKNOWN + r"|special",
        kind="omission",
        also=('self.vocab = [""] * N_SPECIAL',),
    ),
    Mistake(
        name="first_missing_id_accepted_held_c",
        base="held_c_programmer",
        edits=(("if n >= self.vocab_size:", "if n > self.vocab_size:"),),
        says=REFUSE + r"|IndexError|range",
        kind="raises",
        also=("buf += self.vocab[n]",),
    ),
    Mistake(
        name="unknown_stays_pad_held_c",
        base="held_c_programmer",
        edits=(("out = [UNK_ID] * len(text)", "out = [PAD_ID] * len(text)"),),
        says=UNKNOWN,
    ),
    Mistake(
        name="big_end_first_held_c",
        base="held_c_programmer",
        edits=(
            (
                'return int.from_bytes(self.table[at : at + 4], "little")',
                'return int.from_bytes(self.table[at : at + 4], "big")',
            ),
        ),
        says=IDS,
        also=('self.table[at : at + 4] = value.to_bytes(4, "little")',),
    ),
    # held_spanish_names
    Mistake(
        name="capitals_lowered_held_spanish",
        base="held_spanish_names",
        edits=(("lugar = self.alfabeto.find(letra)", "lugar = self.alfabeto.find(letra.lower())"),),
        says=UNKNOWN + r"|lower|capital|Hello",
        also=("numeros.append(self.buscar_numero(letra))",),
    ),
    Mistake(
        name="find_taken_for_truth_held_spanish",
        base="held_spanish_names",
        edits=(("if lugar == -1:", "if not lugar:"),),
        says=UNKNOWN + r"|find|first|hello|encode|text back",
    ),
    Mistake(
        name="vocab_without_specials_held_spanish",
        base="held_spanish_names",
        edits=(("return ESPECIALES + list(self.alfabeto)", "return list(self.alfabeto)"),),
        says=r"special|<pad>|vocab",
    ),
    Mistake(
        name="size_without_specials_and_spaces_between_held_spanish",
        base="held_spanish_names",
        edits=(
            ("return len(ESPECIALES) + len(self.alfabeto)", "return len(self.alfabeto)"),
            ('return "".join(trozos)', 'return " ".join(trozos)'),
        ),
        says=r"size|special|16|space|join|between|text back",
    ),
    Mistake(
        name="negative_ids_accepted_held_spanish",
        base="held_spanish_names",
        edits=(("if lugar not in range(len(self.alfabeto)):", "if lugar >= len(self.alfabeto):"),),
        says=REFUSE + r"|IndexError|range",
        kind="raises",
        also=(
            "lugar = numero - len(ESPECIALES)",
            "if numero in range(len(ESPECIALES)):",
            "return self.alfabeto[lugar]",
        ),
    ),
]
