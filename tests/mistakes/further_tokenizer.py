"""Wrong tokenizers in four further styles: first measured, then tuned on."""

from tests.mistakes import Mistake

ORDER = r"order|first|appear|sort|frequen"
UNKNOWN = r"unk|unknown|never seen|not in the vocab"
REFUSE = r"ValueError|negative|below|exist|refus|nobody has"
IDS = r"\bids?\b|hello|encode|special|offset|three|start"

MISTAKES = [
    # keras_text_index
    Mistake(
        name="sorted_by_counts_keras_text_index",
        base="keras_text_index",
        edits=(
            (
                "sorted_voc.extend(self.word_counts)",
                "sorted_voc.extend(sorted(self.word_counts, key=lambda w: -self.word_counts[w]))",
            ),
        ),
        says=ORDER,
    ),
    Mistake(
        name="ids_from_one_keras_text_index",
        base="keras_text_index",
        edits=(("range(len(sorted_voc))", "range(1, len(sorted_voc) + 1)"),),
        says=IDS,
    ),
    Mistake(
        name="missing_id_prints_oov_keras_text_index",
        base="keras_text_index",
        edits=(
            (
                'raise ValueError(f"Index {num} is not in the vocabulary.")',
                "word = self.oov_token",
            ),
        ),
        says=REFUSE,
    ),
    Mistake(
        name="unknown_skipped_keras_text_index",
        base="keras_text_index",
        edits=(("i = oov_token_index", "continue"),),
        says=UNKNOWN + r"|one id for each|length|skip",
        also=("i = self.word_index.get(w)",),
    ),
    Mistake(
        name="two_lower_case_and_split_by_space_keras_text_index",
        base="keras_text_index",
        edits=(("lower=False,", "lower=True,"), ('split="",', 'split=" ",')),
        says=r"capital|lower|case|space|between|join|round|back|decode|" + UNKNOWN,
        also=("yield self.split.join(vect)",),
    ),
    # minbpe_memory
    Mistake(
        name="base_init_not_called_minbpe_memory",
        base="minbpe_memory",
        edits=(("        super().__init__()\n", ""),),
        says=r"AttributeError|stoi|attribute|super|__init__",
        kind="omission",
    ),
    Mistake(
        name="counting_from_zero_minbpe_memory",
        base="minbpe_memory",
        edits=(("idx = len(self.special_tokens)  #", "idx = 0  #"),),
        says=IDS + r"|vocab",
        also=("self.stoi[ch] = idx",),
    ),
    Mistake(
        name="counter_indented_too_little_minbpe_memory",
        base="minbpe_memory",
        edits=(("                idx += 1\n", "            idx += 1\n"),),
        says=r"KeyError|gap|missing|count|indent|vocab|\bids?\b",
        kind="raises",
        also=("self.stoi[ch] = idx",),
    ),
    Mistake(
        name="eos_added_minbpe_memory",
        base="minbpe_memory",
        edits=(("        return ids\n", '        return ids + [self.special_tokens["<eos>"]]\n'),),
        says=r"eos|one id for each|length|special|hello|encode|empty|extra",
    ),
    Mistake(
        name="special_tokens_skipped_minbpe_memory",
        base="minbpe_memory",
        edits=(("part_chars.append(self.inverse_special_tokens[idx])", "continue"),),
        says=r"special|<unk>|by name|<pad>|<eos>|decode",
    ),
    # polskie_kroki
    Mistake(
        name="special_list_shared_polskie_kroki",
        base="polskie_kroki",
        edits=(("SPECJALNE.copy()", "SPECJALNE"),),
        says=r"share|two tokenizers|second|other|copy|same list|special|first",
        also=("slownik.extend(nowe)",),
    ),
    Mistake(
        name="number_not_reset_polskie_kroki",
        base="polskie_kroki",
        edits=(("            numer = NIEZNANY\n", ""),),
        says=UNKNOWN + r"|UnboundLocalError|numer|before|value",
        kind="omission",
    ),
    Mistake(
        name="first_missing_id_let_through_polskie_kroki",
        base="polskie_kroki",
        edits=(("numer >= self.vocab_size", "numer > self.vocab_size"),),
        says=REFUSE + r"|IndexError|out of range",
        kind="raises",
    ),
    Mistake(
        name="table_the_wrong_way_round_polskie_kroki",
        base="polskie_kroki",
        edits=(("numery[token] = numer", "numery[numer] = token"),),
        says=IDS + r"|" + UNKNOWN + r"|swap|direction|key|turn",
    ),
    Mistake(
        name="two_last_character_lost_and_pad_refused_polskie_kroki",
        base="polskie_kroki",
        edits=(("range(rozmiar)", "range(rozmiar - 1)"), ("numer < 0", "numer <= 0")),
        says=r"last|range|pad|special|by name|ValueError|one too|" + UNKNOWN,
    ),
    # dunder_protocol
    Mistake(
        name="sorted_set_dunder_protocol",
        base="dunder_protocol",
        edits=(("*dict.fromkeys(characters)", "*sorted(set(characters))"),),
        says=ORDER,
    ),
    Mistake(
        name="get_passes_by_missing_dunder_protocol",
        base="dunder_protocol",
        edits=(("self.lookup.__getitem__", "self.lookup.get"),),
        says=UNKNOWN + r"|None|get",
    ),
    Mistake(
        name="wrong_exception_caught_dunder_protocol",
        base="dunder_protocol",
        edits=(("except IndexError as error", "except KeyError as error"),),
        says=REFUSE + r"|IndexError",
        kind="raises",
        also=('raise IndexError(f"there is no id {number}")',),
    ),
    Mistake(
        name="guard_forgotten_dunder_protocol",
        base="dunder_protocol",
        edits=(
            (
                "        if number not in range(len(self)):\n"
                '            raise IndexError(f"there is no id {number}")\n',
                "",
            ),
        ),
        says=REFUSE,
        kind="omission",
    ),
    Mistake(
        name="cached_property_forgotten_dunder_protocol",
        base="dunder_protocol",
        edits=(("    @cached_property\n    def lookup", "    def lookup"),),
        says=r"AttributeError|__getitem__|method|function|property|call|bracket|parenthes",
        kind="omission",
        also=("return list(map(self.lookup.__getitem__, text))",),
    ),
]
