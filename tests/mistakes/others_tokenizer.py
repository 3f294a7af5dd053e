"""Wrong tokenizers in six more styles, by another hand."""

from tests.mistakes import Mistake

ORDER = r"order|first|appear|sort"
UNKNOWN = r"unk|unknown|never seen|not in the vocab"
REFUSE = r"ValueError|negative|below|exist|refus|nobody has"
IDS = r"\bids?\b|hello|encode|special|offset|three"
SPACE = r"space|join|between|text back"

MISTAKES = [
    # raschka_book
    Mistake(
        name="raschka_shared_special_list",
        base="raschka_book",
        edits=(("all_tokens = list(all_special)", "all_tokens = all_special"),),
        says=r"own|share|list|vocab|copy|grow|<pad>",
    ),
    Mistake(
        name="raschka_v1_no_unknown",
        base="raschka_book",
        edits=(
            (
                'item if item in self.str_to_int else "<unk>" for item in preprocessed',
                "item for item in preprocessed",
            ),
        ),
        says=UNKNOWN + r"|KeyError",
        kind="raises",
        also=(
            "preprocessed = [",
            "preprocessed = list(text)",
            "ids = [self.str_to_int[s] for s in preprocessed]",
        ),
    ),
    Mistake(
        name="raschka_join_with_space",
        base="raschka_book",
        edits=(('text = "".join(', 'text = " ".join('),),
        says=SPACE,
    ),
    Mistake(
        name="raschka_generator_used_twice",
        base="raschka_book",
        edits=(("        ids = [int(i) for i in ids]\n", ""),),
        says=r"iterable|generator|tuple|iterator|row of ids|list|twice|used up|empty",
        kind="omission",
        also=(
            "def decode(self, ids):",
            "bad = [i for i in ids if i not in self.int_to_str]",
        ),
    ),
    Mistake(
        name="raschka_inverse_not_swapped",
        base="raschka_book",
        edits=(("{i: s for s, i in vocab.items()}", "{s: i for s, i in vocab.items()}"),),
        says=r"ValueError|KeyError|direction|key|swap|has the id|text back|int_to_str",
        kind="raises",
    ),
    # hf_slow
    Mistake(
        name="hf_get_without_default",
        base="hf_slow",
        edits=((".get(token, self.unk_token_id)", ".get(token)"),),
        says=UNKNOWN + r"|None|default",
    ),
    Mistake(
        name="hf_splits_words",
        base="hf_slow",
        edits=(("return list(text)", "return text.split()"),),
        says=IDS + r"|char|word|split",
        also=("tokens = self._tokenize(text)",),
    ),
    Mistake(
        name="hf_skips_special_tokens",
        base="hf_slow",
        edits=(
            (
                "filtered_tokens = self.convert_ids_to_tokens(token_ids)",
                (
                    "filtered_tokens = [t for t in self.convert_ids_to_tokens("
                    "token_ids) if t not in self.all_special_tokens]"
                ),
            ),
        ),
        says=r"special|left out|skip|<pad>|<unk>",
    ),
    Mistake(
        name="hf_keyerror_in_decode",
        base="hf_slow",
        edits=(
            (
                (
                    "        if index not in self._vocab_int_to_str:\n"
                    '            raise ValueError("index %d is not in the vocabulary" '
                    "% index)\n"
                ),
                "",
            ),
        ),
        says=REFUSE + r"|KeyError",
        kind="omission",
        also=(
            "def _convert_id_to_token(self, index: int) -> str:",
            "return self._vocab_int_to_str[index]",
            "tokens.append(self._convert_id_to_token(index))",
        ),
    ),
    Mistake(
        name="hf_keys_view_and_space_join",
        base="hf_slow",
        edits=(
            ("return list(self._vocab_str_to_int.keys())", "return self._vocab_str_to_int.keys()"),
            ('return "".join(tokens)', 'return " ".join(tokens)'),
        ),
        says=r"list|type|keys|vocab|" + SPACE,
        also=("return self.convert_tokens_to_string(filtered_tokens)",),
    ),
    # black_chatbot
    Mistake(
        name="black_drops_unknown",
        base="black_chatbot",
        edits=(("token_id = UNK_ID", "continue"),),
        says=UNKNOWN + r"|left out|drop|skip",
        also=("token_id = self._token_to_id[character]",),
    ),
    Mistake(
        name="black_negative_ids_accepted",
        base="black_chatbot",
        edits=(
            (
                (
                    "            if token_id < 0:\n"
                    "                raise ValueError(\n"
                    '                    f"Token id must be non-negative, got {token_id}",\n'
                    "                )\n"
                ),
                "",
            ),
        ),
        says=REFUSE,
        kind="omission",
        also=(
            "for token_id in ids:",
            "piece = self.vocab[token_id]",
        ),
    ),
    Mistake(
        name="black_size_without_specials",
        base="black_chatbot",
        edits=(("self.vocab_size: int = len(self.vocab)", "self.vocab_size: int = len(seen)"),),
        says=r"size|special|count|16",
    ),
    Mistake(
        name="black_seen_never_filled",
        base="black_chatbot",
        edits=(("            seen.add(character)\n", ""),),
        says=r"repeat|once|seen|duplicate|vocab|twice|" + ORDER,
        kind="omission",
        also=(
            "if character in seen:",
            "for character in text:",
            "self.vocab.append(character)",
            "continue",
        ),
    ),
    Mistake(
        name="black_catches_keyerror_of_a_list",
        base="black_chatbot",
        edits=(("except IndexError as error:", "except KeyError as error:"),),
        says=REFUSE + r"|IndexError|KeyError|range",
        kind="raises",
        also=("if token_id < 0:",),
    ),
    # golfer
    Mistake(
        name="golf_unknown_becomes_eos",
        base="golfer",
        edits=(("return k+N if~k else 1", "return k+N"),),
        says=UNKNOWN + r"|eos|find",
    ),
    Mistake(
        name="golf_one_past_the_end",
        base="golfer",
        edits=(("i>=s.vocab_size", "i>s.vocab_size"),),
        says=REFUSE + r"|IndexError|range|vocab_size",
        kind="raises",
    ),
    Mistake(
        name="golf_lower_case_vocabulary",
        base="golfer",
        edits=(("s.a=uniq(t)", "s.a=uniq(t.lower())"),),
        says=r"lower|capital|small letters|vocab|" + ORDER,
    ),
    Mistake(
        name="golf_no_guard",
        base="golfer",
        edits=(("        if i<0 or i>=s.vocab_size:raise ValueError(i)\n", ""),),
        says=REFUSE + r"|IndexError|range",
        kind="omission",
        also=(
            "def _t(s,i):",
            "return s.vocab[i]if i<N else s.a[i-N]",
        ),
    ),
    Mistake(
        name="golf_size_and_lazy_map",
        base="golfer",
        edits=(
            ("s.vocab_size=N+len(s.a)", "s.vocab_size=len(s.a)"),
            ("return[*map(s._i,t)]", "return map(s._i,t)"),
        ),
        says=r"size|special|count|16|map|list|type|iterator",
    ),
    # fastai_numericalize
    Mistake(
        name="fastai_missing_returns_the_token",
        base="fastai_numericalize",
        edits=(("return self[self.unk]", "return self.unk"),),
        says=UNKNOWN + r"|id 1|str",
        also=("self.unk = unk",),
    ),
    Mistake(
        name="fastai_specials_last",
        base="fastai_numericalize",
        edits=(("self.special_toks + uniqueify(dsets)", "uniqueify(dsets) + self.special_toks"),),
        says=r"special|end|last|vocab|<pad>|" + ORDER,
    ),
    Mistake(
        name="fastai_set_loses_order",
        base="fastai_numericalize",
        edits=(("list(dict.fromkeys(x))", "list(set(x))"),),
        says=ORDER + r"|set",
    ),
    Mistake(
        name="fastai_check_returns_nothing",
        base="fastai_numericalize",
        edits=(("        return i\n", ""),),
        says=r"TypeError|NoneType|None|return|" + SPACE,
        kind="omission",
        also=(
            "def _check(self, i):",
            (
                "if not 0 <= i < len(self.vocab): raise ValueError(f'{i} is not an "
                "index of the vocab')"
            ),
        ),
    ),
    Mistake(
        name="fastai_ids_from_one",
        base="fastai_numericalize",
        edits=(("enumerate(vocab)", "enumerate(vocab, 1)"),),
        says=IDS + r"|one|enumerate|index",
    ),
    # deutsche_schritte
    Mistake(
        name="deutsch_und_statt_oder",
        base="deutsche_schritte",
        edits=(("if zu_klein or zu_gross:", "if zu_klein and zu_gross:"),),
        says=REFUSE + r"|IndexError|\bor\b|condition|comparison",
        kind="raises",
    ),
    Mistake(
        name="deutsch_unbekannt_ist_null",
        base="deutsche_schritte",
        edits=(("nummer = self.tabelle[UNBEKANNT]", "nummer = 0"),),
        says=UNKNOWN + r"|<pad>|id 1",
    ),
    Mistake(
        name="deutsch_return_in_der_schleife",
        base="deutsche_schritte",
        edits=(
            (
                "            ergebnis.append(nummer)\n        return ergebnis\n",
                "            ergebnis.append(nummer)\n            return ergebnis\n",
            ),
        ),
        says=IDS + r"|return|indent|loop|length",
    ),
    Mistake(
        name="deutsch_zaehler_steht",
        base="deutsche_schritte",
        edits=(("        nummer = nummer + 1\n", ""),),
        says=IDS + r"|count|number",
        kind="omission",
        also=(
            "for eintrag in liste:",
            "tabelle[eintrag] = nummer",
        ),
    ),
    Mistake(
        name="deutsch_sortiert_und_str_plus_int",
        base="deutsche_schritte",
        edits=(
            (
                "    zeichenliste = []\n    for zeichen in text:",
                "    zeichenliste = []\n    for zeichen in sorted(text):",
            ),
            ('"Nummer " + str(nummer)', '"Nummer " + nummer'),
        ),
        says=ORDER + r"|TypeError|concatenate|str|" + REFUSE,
    ),
]
