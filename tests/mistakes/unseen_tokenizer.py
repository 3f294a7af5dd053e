"""Wrong modules of loop 1 in styles that were never seen before the diagnosis was finished."""

from tests.mistakes import Mistake

ORDER = r"order|first|appear|sort"
UNKNOWN = r"unk|unknown|never seen|not in the vocab|left out"
REFUSE = r"ValueError|negative|below|exist|refus|nobody has|ids are 0 to"
IDS = r"\bids?\b|hello|encode|special|offset|three"
SIZE = r"vocab_size|size|function|property|attribute"

MISTAKES = [
    # karpathy_lambdas
    Mistake(
        name="sorted_set_karpathy",
        base="karpathy_lambdas",
        edits=(("sorted(set(text), key=text.index)", "sorted(set(text))"),),
        says=ORDER,
    ),
    Mistake(
        name="vocab_size_never_set_karpathy",
        base="karpathy_lambdas",
        edits=(("        self.vocab_size = len(self.vocab)\n", ""),),
        says=SIZE,
        kind="omission",
    ),
    Mistake(
        name="unknown_is_a_key_error_karpathy",
        base="karpathy_lambdas",
        edits=(("[stoi.get(c, unk) for c in s]", "[stoi[c] for c in s]"),),
        says=UNKNOWN + r"|KeyError",
        kind="raises",
    ),
    Mistake(
        name="bad_id_prints_unk_karpathy",
        base="karpathy_lambdas",
        edits=(("lookup(i) for i in l)", "itos.get(i, '<unk>') for i in l)"),),
        says=REFUSE,
    ),
    Mistake(
        name="itos_from_stoi_without_specials_karpathy",
        base="karpathy_lambdas",
        edits=(("for i,ch in enumerate(self.vocab) }", "for ch,i in stoi.items() }"),),
        says=r"special|by name|ValueError|<pad>|itos|no token",
        kind="raises",
        also=("stoi = { ch:i for i,ch in enumerate(chars, start=len(specials)) }",),
    ),
    # cahier_francais
    Mistake(
        name="last_id_one_too_far_french",
        base="cahier_francais",
        edits=(("dernier = len(self.vocab) - 1", "dernier = len(self.vocab)"),),
        says=REFUSE + r"|IndexError",
        kind="raises",
        also=("trop_grand = numero > dernier",),
    ),
    Mistake(
        name="property_forgotten_french",
        base="cahier_francais",
        edits=(("    @property\n", ""),),
        says=SIZE,
        kind="omission",
    ),
    Mistake(
        name="encode_returns_the_generator_french",
        base="cahier_francais",
        edits=(("list(self._numeroter(text))", "self._numeroter(text)"),),
        says=r"generator|list",
        also=("return numeros",),
    ),
    Mistake(
        name="return_for_yield_french",
        base="cahier_francais",
        edits=(("yield self.vocab[numero]", "return self.vocab[numero]"),),
        says=r"round|back|decod|return|yield|first",
    ),
    Mistake(
        name="two_text_stripped_and_and_for_or_french",
        base="cahier_francais",
        edits=(
            ("for lettre in text:", "for lettre in text.strip():"),
            ("if trop_petit or trop_grand:", "if trop_petit and trop_grand:"),
        ),
        says=r"space|cut off|strip|ends|vocab",
    ),
    # objects_for_everything
    Mistake(
        name="negative_positions_accepted_objects",
        base="objects_for_everything",
        edits=(("if not 0 <= position < len(self):", "if position >= len(self):"),),
        says=REFUSE,
    ),
    Mistake(
        name="unknown_is_the_word_unk_objects",
        base="objects_for_everything",
        edits=(('self.SPECIALS.index("<unk>"))', '"<unk>")'),),
        says=UNKNOWN + r"|str|int",
        also=(
            "self.unknown = unknown",
            "return [self.alphabet.position(letter, self.unknown) for letter in text]",
        ),
    ),
    Mistake(
        name="position_never_noted_objects",
        base="objects_for_everything",
        edits=(("            self._positions[token] = len(self)\n", ""),),
        says=r"repeat|once|vocab|different|duplicate",
        kind="omission",
    ),
    Mistake(
        name="decode_forgets_return_objects",
        base="objects_for_everything",
        edits=(("return self._decoder(ids)", "self._decoder(ids)"),),
        says=r"None|return",
    ),
    Mistake(
        name="alphabet_called_objects",
        base="objects_for_everything",
        edits=(("self.alphabet[one]", "self.alphabet(one)"),),
        says=r"TypeError|callable|bracket",
        kind="raises",
    ),
    # match_and_union
    Mistake(
        name="count_from_eos_union",
        base="match_and_union",
        edits=(("count(EOS + 1)", "count(EOS)"),),
        says=IDS,
        also=("ids.append(known)",),
    ),
    Mistake(
        name="special_dictionary_shared_union",
        base="match_and_union",
        edits=(("self.ids = dict(SPECIAL)", "self.ids = SPECIAL"),),
        says=r"share|own|second|copy|vocab|every tokenizer",
        also=("self.ids |= zip(characters, count(EOS + 1))",),
    ),
    Mistake(
        name="unknown_skipped_union",
        base="match_and_union",
        edits=(("ids.append(UNK)", "continue"),),
        says=UNKNOWN,
        also=("match self.ids.get(character):",),
    ),
    Mistake(
        name="encode_ends_without_return_union",
        base="match_and_union",
        edits=(("        return ids\n", ""),),
        says=r"None|return",
        kind="omission",
    ),
    Mistake(
        name="two_small_letters_and_negative_ids_union",
        base="match_and_union",
        edits=(
            ("{}.fromkeys(text)", "{}.fromkeys(text.lower())"),
            ("case _ if id in range(self.vocab_size):", "case _ if id < self.vocab_size:"),
        ),
        says=r"small letters|lower|capital|vocab",
    ),
]
