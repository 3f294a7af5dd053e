"""Wrong tokenizers in four styles on which nothing was tuned."""

from tests.mistakes import Mistake

ORDER = r"order|first|appear|sort|vocab"
UNKNOWN = r"unk|unknown|never seen|not in the vocab"
REFUSE = r"ValueError|negative|below|exist|refus|nobody has|IndexError|KeyError"
IDS = r"\bids?\b|hello|encode|special|offset|three"
SPACES = r"space|strip|join|between|text back|decod"

MISTAKES = [
    # chat_add_token_helper
    Mistake(
        name="special_tokens_filtered_out_chat_add_token_helper",
        base="chat_add_token_helper",
        edits=(
            (
                'return "".join(characters)',
                'return "".join(c for c in characters if c not in self.special_tokens)',
            ),
        ),
        says=r"special|<unk>|by name|shown|hidden",
    ),
    Mistake(
        name="early_return_forgotten_chat_add_token_helper",
        base="chat_add_token_helper",
        edits=(("        if token in self.char_to_id:\n            return\n", ""),),
        says=r"vocab|twice|again|once|appear|different|each new|repeat",
        kind="omission",
        also=(
            "for char in text:",
            "self._add_token(char)",
            "next_id = len(self.char_to_id)",
        ),
    ),
    Mistake(
        name="guard_forgotten_so_key_error_chat_add_token_helper",
        base="chat_add_token_helper",
        edits=(
            (
                "            if token_id not in self.id_to_char:\n"
                "                raise ValueError(\n"
                '                    f"Token id {token_id} is out of range. '
                'Valid ids are 0 to {self.vocab_size - 1}."\n'
                "                )\n",
                "",
            ),
        ),
        says=REFUSE,
        kind="omission",
        also=("characters.append(self.id_to_char[token_id])",),
    ),
    Mistake(
        name="size_less_the_specials_chat_add_token_helper",
        base="chat_add_token_helper",
        edits=(
            (
                "return len(self.id_to_char)",
                "return len(self.id_to_char) - len(self.special_tokens)",
            ),
        ),
        says=r"size|vocab|special|count|16|missing|last",
    ),
    Mistake(
        name="two_lower_case_and_space_between_chat_add_token_helper",
        base="chat_add_token_helper",
        edits=(
            (
                "self.char_to_id.get(char, self.unk_id)",
                "self.char_to_id.get(char.lower(), self.unk_id)",
            ),
            ('return "".join(characters)', 'return " ".join(characters)'),
        ),
        says=UNKNOWN + r"|capital|lower|" + SPACES,
    ),
    # svenska_sma_steg
    Mistake(
        name="append_only_in_the_else_svenska_sma_steg",
        base="svenska_sma_steg",
        edits=(
            (
                "            resultat.append(nummer)",
                "                resultat.append(nummer)",
            ),
        ),
        says=IDS + r"|append|empty|\[\]",
        also=("nummer = self.nummer_for[bokstav]",),
    ),
    Mistake(
        name="letters_sorted_svenska_sma_steg",
        base="svenska_sma_steg",
        edits=(("self.vocab = speciella + tecken", "self.vocab = speciella + sorted(tecken)"),),
        says=ORDER,
    ),
    Mistake(
        name="table_not_returned_svenska_sma_steg",
        base="svenska_sma_steg",
        edits=(("    return tabell\n", ""),),
        says=r"None|return|TypeError|iterable",
        kind="omission",
    ),
    Mistake(
        name="table_from_number_to_token_svenska_sma_steg",
        base="svenska_sma_steg",
        edits=(("tabell[token] = i", "tabell[i] = token"),),
        says=r"KeyError|<unk>|direction|key",
        kind="raises",
        also=("return tabell",),
    ),
    Mistake(
        name="zero_counts_as_negative_svenska_sma_steg",
        base="svenska_sma_steg",
        edits=(("for_litet = nummer < 0", "for_litet = nummer <= 0"),),
        says=r"<pad>|special|ValueError|\b0\b|by name",
    ),
    # itertools_toolbox
    Mistake(
        name="set_of_the_text_itertools_toolbox",
        base="itertools_toolbox",
        edits=(("list(chain(SPECIALS, unique(text)))", "list(chain(SPECIALS, set(text)))"),),
        says=ORDER,
    ),
    Mistake(
        name="count_from_one_itertools_toolbox",
        base="itertools_toolbox",
        edits=(("dict(zip(self.vocab, count()))", "dict(zip(self.vocab, count(1)))"),),
        says=IDS + r"|one too|count|start",
    ),
    Mistake(
        name="list_forgotten_around_chain_itertools_toolbox",
        base="itertools_toolbox",
        edits=(
            (
                "self.vocab = list(chain(SPECIALS, unique(text)))",
                "self.vocab = chain(SPECIALS, unique(text))",
            ),
        ),
        says=r"TypeError|len|list|chain",
        kind="raises",
    ),
    Mistake(
        name="id_looked_for_among_tokens_itertools_toolbox",
        base="itertools_toolbox",
        edits=(("if i not in range(len(vocab)):", "if i not in vocab:"),),
        says=r"ValueError|no token|text back|decod|range",
        kind="raises",
    ),
    Mistake(
        name="unknown_gets_one_more_id_itertools_toolbox",
        base="itertools_toolbox",
        edits=(("index.get(ch, unk)", "index.get(ch, len(index))"),),
        says=UNKNOWN,
    ),
    # sentencepiece_processor
    Mistake(
        name="required_chars_never_filled_sentencepiece_processor",
        base="sentencepiece_processor",
        edits=(("            required_chars.add(char)\n", ""),),
        says=r"vocab|twice|again|once|appear|different|each new|repeat",
        kind="omission",
        also=(
            "for char in self.sentence:",
            "if char in required_chars:",
        ),
    ),
    Mistake(
        name="negative_ids_let_through_sentencepiece_processor",
        base="sentencepiece_processor",
        edits=(("if id < 0 or id >= self.GetPieceSize():", "if id >= self.GetPieceSize():"),),
        says=REFUSE,
    ),
    Mistake(
        name="eos_put_at_the_end_sentencepiece_processor",
        base="sentencepiece_processor",
        edits=(
            (
                "return [self.PieceToId(char) for char in text]",
                'return [self.PieceToId(char) for char in text] + [self.PieceToId("<eos>")]',
            ),
        ),
        says=IDS + r"|eos|end|too many|add",
    ),
    Mistake(
        name="entry_instead_of_its_piece_sentencepiece_processor",
        base="sentencepiece_processor",
        edits=(("return self._pieces[id].piece", "return self._pieces[id]"),),
        says=r"TypeError|str|join|SentencePiece|piece",
        kind="raises",
        also=(
            "pieces.append(self.IdToPiece(id))",
            'return "".join(pieces)',
        ),
    ),
    Mistake(
        name="two_text_stripped_and_unknown_is_pad_sentencepiece_processor",
        base="sentencepiece_processor",
        edits=(
            ("for char in text]", "for char in text.strip()]"),
            ("self._ids.get(piece, self._unk_id)", "self._ids.get(piece, 0)"),
        ),
        says=UNKNOWN + r"|<pad>|" + SPACES,
    ),
]
