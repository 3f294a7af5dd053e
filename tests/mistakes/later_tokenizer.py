"""Wrong tokenizers in nine more styles: first measured, then tuned on."""

from tests.mistakes import Mistake

ORDER = r"order|first|appear|sort"
UNKNOWN = r"unk|unknown|never seen|not in the vocab|left out"
REFUSE = r"ValueError|negative|below|exist|refus|nobody has|ids are 0 to|raise"
IDS = r"\bids?\b|hello|encode|special|offset|three|start|count|one too"
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
    # torchtext_vocab
    Mistake(
        name="default_index_never_set_torchtext",
        base="torchtext_vocab",
        edits=(('        self._vocab.set_default_index(self._vocab["<unk>"])\n', ""),),
        says=UNKNOWN + r"|RuntimeError|default",
        kind="omission",
        also=("self.default_index = None",),
    ),
    Mistake(
        name="default_index_is_pad_torchtext",
        base="torchtext_vocab",
        edits=(('self._vocab["<unk>"]', 'self._vocab["<pad>"]'),),
        says=UNKNOWN + r"|pad",
    ),
    Mistake(
        name="negative_lookup_accepted_torchtext",
        base="torchtext_vocab",
        edits=(("if index not in range(len(self)):", "if index >= len(self):"),),
        says=REFUSE,
    ),
    Mistake(
        name="tokens_sorted_by_the_builder_torchtext",
        base="torchtext_vocab",
        edits=(("for token in iterator:", "for token in sorted(iterator):"),),
        says=ORDER,
    ),
    Mistake(
        name="two_encode_lowers_and_decode_spaces_torchtext",
        base="torchtext_vocab",
        edits=(
            ("lookup_indices(yield_tokens(text))", "lookup_indices(yield_tokens(text.lower()))"),
            ('"".join(', '" ".join('),
        ),
        says=r"small letters|lower|capital|space|join|encode|decode",
    ),
    # quaderno_italiano
    Mistake(
        name="numbers_start_at_one_quaderno",
        base="quaderno_italiano",
        edits=(("prossimo = 0", "prossimo = 1"),),
        says=IDS,
        also=("tabella[simbolo] = prossimo", "numero = self.tabella[lettera]"),
    ),
    Mistake(
        name="table_kept_local_quaderno",
        base="quaderno_italiano",
        edits=(("        self.tabella = tabella\n", ""),),
        says=r"AttributeError|attribute|tabella",
        kind="omission",
        also=("tabella = {}",),
    ),
    Mistake(
        name="error_made_but_not_raised_quaderno",
        base="quaderno_italiano",
        edits=(("raise ValueError(", "ValueError("),),
        says=REFUSE,
    ),
    Mistake(
        name="only_the_last_piece_quaderno",
        base="quaderno_italiano",
        edits=(("frase = frase + pezzo", "frase = pezzo"),),
        says=r"decod|text back|last|add|join|whole|one character",
    ),
    Mistake(
        name="self_forgotten_before_a_method_quaderno",
        base="quaderno_italiano",
        edits=(("numero = self.numero_di(lettera)", "numero = numero_di(lettera)"),),
        says=r"NameError|not defined|self|numero_di",
        kind="raises",
    ),
    # defensive_assistant
    Mistake(
        name="staticmethod_forgotten_defensive",
        base="defensive_assistant",
        edits=(("    @staticmethod\n", ""),),
        says=r"TypeError|positional|argument|self|staticmethod",
        kind="omission",
        also=(
            "def _unique_characters(text: str) -> List[str]:",
            "self.vocab.extend(self._unique_characters(text))",
        ),
    ),
    Mistake(
        name="one_id_too_many_defensive",
        base="defensive_assistant",
        edits=(("if token_id >= self.vocab_size:", "if token_id > self.vocab_size:"),),
        says=REFUSE + r"|IndexError|out of range",
    ),
    Mistake(
        name="special_tokens_hidden_defensive",
        base="defensive_assistant",
        edits=(
            (
                "pieces.append(self.vocab[token_id])",
                'pieces.append("" if token_id < 3 else self.vocab[token_id])',
            ),
        ),
        says=r"special|<pad>|unk|left out|by name",
    ),
    Mistake(
        name="eos_added_by_encode_defensive",
        base="defensive_assistant",
        edits=(("return token_ids", "return token_ids + [self._token_to_id[self.EOS_TOKEN]]"),),
        says=IDS + r"|eos|\b2\b|each character",
    ),
    Mistake(
        name="inverse_table_not_inverted_defensive",
        base="defensive_assistant",
        edits=(
            (
                "token: index for index, token in enumerate(self.vocab)",
                "index: token for index, token in enumerate(self.vocab)",
            ),
        ),
        says=r"KeyError|<unk>|key|token|direction|swap",
        kind="raises",
    ),
    # sorted_by_first_index
    Mistake(
        name="sort_key_forgotten_by_first_index",
        base="sorted_by_first_index",
        edits=(("sorted(set(text), key=text.index)", "sorted(set(text))"),),
        says=ORDER,
    ),
    Mistake(
        name="ids_counted_from_one_by_first_index",
        base="sorted_by_first_index",
        edits=(("zip(self.vocab, count())", "zip(self.vocab, count(1))"),),
        says=IDS + r"|size|vocab",
    ),
    Mistake(
        name="tuple_plus_list_by_first_index",
        base="sorted_by_first_index",
        edits=(("list(chain(SPECIALS, alphabet(text)))", "SPECIALS + alphabet(text)"),),
        says=r"TypeError|tuple|list|concatenate",
        kind="raises",
        also=('PAD, UNK, EOS = SPECIALS = "<pad>", "<unk>", "<eos>"',),
    ),
    Mistake(
        name="unknown_filtered_by_first_index",
        base="sorted_by_first_index",
        edits=(
            (
                "[known[c] if c in known else unk for c in text]",
                "[known[c] for c in text if c in known]",
            ),
        ),
        says=UNKNOWN + r"|left out",
    ),
    Mistake(
        name="missing_id_shown_as_unk_by_first_index",
        base="sorted_by_first_index",
        edits=(("self.token_of.get(i)", "self.token_of.get(i, UNK)"),),
        says=REFUSE,
    ),
    # missing_hook_stringio
    Mistake(
        name="never_frozen_missing_hook",
        base="missing_hook_stringio",
        edits=(("        self.frozen = True\n", ""),),
        says=UNKNOWN + r"|frozen|freeze|grow|new id",
        kind="omission",
    ),
    Mistake(
        name="get_skips_the_hook_missing_hook",
        base="missing_hook_stringio",
        edits=(("self._number.__getitem__", "self._number.get"),),
        says=UNKNOWN + r"|None|get|int",
    ),
    Mistake(
        name="buffer_read_at_its_end_missing_hook",
        base="missing_hook_stringio",
        edits=(("buffer.getvalue()", "buffer.read()"),),
        says=r"decod|text back|empty|''|\"\"|read|getvalue",
    ),
    Mistake(
        name="guard_below_zero_forgotten_missing_hook",
        base="missing_hook_stringio",
        edits=(
            ('            if i < 0:\n                raise ValueError(f"{i} is negative")\n', ""),
        ),
        says=REFUSE,
        kind="omission",
        also=("buffer.write(self.tokens[i])",),
    ),
    Mistake(
        name="two_small_letters_and_size_is_a_function_missing_hook",
        base="missing_hook_stringio",
        edits=(
            ("numbering.feed(text)", "numbering.feed(text.lower())"),
            ("vocab_size = property(__len__)", "vocab_size = __len__"),
        ),
        says=r"small letters|lower|capital|function|property|size|vocab",
    ),
]
