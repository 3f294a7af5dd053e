"""Wrong samplers in six more styles, by another hand."""

from tests.mistakes import Mistake

CROP = r"crop|block_size|window|context|last .* tokens|longest|range|index"
TEMPERATURE = r"temperature|divid|multipl|bold|safe"
TOP_K = r"top_k|best|largest|highest|inf"
MODE = r"eval|mode|restor|train"
GRADIENT = r"gradient|no_grad|grad"
WORDS = r"word|prompt|too (many|few)"
REFUSE = r"ValueError|refus|negative|below|nan"
PROMPT = r"prompt|whole|shape|length|T \+|behind|given"

MISTAKES = [
    # chat_black
    Mistake(
        name="logits_multiplied_by_temperature_chat",
        base="chat_black",
        edits=(("scaled_logits = logits / temperature", "scaled_logits = logits * temperature"),),
        says=TEMPERATURE,
    ),
    Mistake(
        name="first_ids_shown_chat",
        base="chat_black",
        edits=(("context = generated[:, -block_size:]", "context = generated[:, :block_size]"),),
        says=CROP + r"|first|sees",
    ),
    Mistake(
        name="eval_forgotten_chat",
        base="chat_black",
        edits=(("    model.eval()\n", ""),),
        says=MODE,
        kind="omission",
        also=("with torch.no_grad():",),
    ),
    Mistake(
        name="prompt_words_not_counted_chat",
        base="chat_black",
        edits=(("target_words = len(text.split()) + n_words", "target_words = n_words"),),
        says=WORDS,
        also=("if len(text.split()) >= target_words and text[-1].isspace():",),
    ),
    Mistake(
        name="same_seed_without_generator_chat",
        base="chat_black",
        edits=(
            (
                "num_samples=1,\n        generator=generator,",
                "num_samples=1,\n        generator=generator or torch.Generator(),",
            ),
        ),
        says=r"generator|seed|random|global|different",
    ),
    # golf
    Mistake(
        name="last_row_for_last_position_golf",
        base="golf",
        edits=(("model(x[:, -b:])[:, -1]", "model(x[:, -b:])[-1]"),),
        says=PROMPT + r"|Sizes|position|dimension|RuntimeError|batch|match",
        kind="raises",
        also=("x = t.cat((x, pick(l, temperature, top_k, generator)), 1)",),
    ),
    Mistake(
        name="kth_best_hidden_golf",
        base="golf",
        edits=(("l.where(l >= l.topk", "l.where(l > l.topk"),),
        says=TOP_K,
    ),
    Mistake(
        name="mode_not_restored_golf",
        base="golf",
        edits=(("    model.train(m)\n", ""),),
        says=MODE,
        kind="omission",
    ),
    Mistake(
        name="prompt_not_returned_golf",
        base="golf",
        edits=(("    return x\n", "    return x[:, ids.shape[1]:]\n"),),
        says=PROMPT,
    ),
    Mistake(
        name="softmax_over_batch_and_one_word_too_few_golf",
        base="golf",
        edits=(
            ("warm = lambda l, T: (l / T).softmax(1)", "warm = lambda l, T: (l / T).softmax(0)"),
            ('if len((d(i) + "x").split()) > w:', 'if len((d(i) + "x").split()) >= w:'),
        ),
        says=TEMPERATURE + r"|softmax|dim|share|" + WORDS,
        also=("w = len(d(i).split()) + n_words",),
    ),
    # student_raschka
    Mistake(
        name="temperature_forgotten_student",
        base="student_raschka",
        edits=(("            logits = logits / temperature\n", ""),),
        says=TEMPERATURE,
        kind="omission",
    ),
    Mistake(
        name="new_id_joins_cropped_ids_student",
        base="student_raschka",
        edits=(("torch.cat((idx, idx_next), dim=1)", "torch.cat((idx_cond, idx_next), dim=1)"),),
        says=CROP + r"|lost|cut|text",
    ),
    Mistake(
        name="always_train_mode_at_end_student",
        base="student_raschka",
        edits=(("    if old_mode == True:\n        model.train()\n", "    model.train()\n"),),
        says=MODE,
    ),
    Mistake(
        name="new_id_appended_after_loop_student",
        base="student_raschka",
        edits=(("        idx = torch.cat(", "    idx = torch.cat("),),
        says=PROMPT + r"|loop|indent|each|anew",
    ),
    Mistake(
        name="batch_dimension_forgotten_student",
        base="student_raschka",
        edits=(("    ids = ids.unsqueeze(0)\n", ""),),
        says=r"dim|shape|batch|unsqueeze|IndexError|slice|\(1, T\)",
        kind="omission",
    ),
    # hf_warpers
    Mistake(
        name="processor_result_thrown_away_hf",
        base="hf_warpers",
        edits=(("scores = processor(input_ids, scores)", "processor(input_ids, scores)"),),
        says=TEMPERATURE + r"|difference|processor|" + TOP_K,
    ),
    Mistake(
        name="stops_as_last_word_begins_hf",
        base="hf_warpers",
        edits=(
            (
                'return text.endswith(" ") and len(text.split()) >= self.wanted',
                "return len(text.split()) >= self.wanted",
            ),
        ),
        says=WORDS + r"|space|begin|end",
    ),
    Mistake(
        name="decode_gets_list_of_lists_hf",
        base="hf_warpers",
        edits=(
            (
                "text = self.tokenizer.decode(input_ids[0].tolist())",
                "text = self.tokenizer.decode(input_ids.tolist())",
            ),
        ),
        says=r"TypeError|list|decode|dim|batch|row|\[0\]",
        kind="raises",
        also=("if stopping_criteria(input_ids):",),
    ),
    Mistake(
        name="temperature_zero_divided_by_hf",
        base="hf_warpers",
        edits=(("return self.temperature > 0", "return self.temperature >= 0"),),
        says=TEMPERATURE + r"|zero|nan|inf|RuntimeError|best token|greedy|argmax",
        kind="raises",
    ),
    Mistake(
        name="crop_forgotten_and_top_k_zero_accepted_hf",
        base="hf_warpers",
        edits=(
            ("model_inputs = input_ids[:, -max_length:]", "model_inputs = input_ids"),
            (
                "self.top_k is not None and self.top_k < 1",
                "self.top_k is not None and self.top_k < 0",
            ),
        ),
        says=CROP + r"|" + REFUSE + "|" + TOP_K,
        kind="raises",
        also=("next_token_logits = model(model_inputs)[:, -1, :]",),
    ),
    # deutsch
    Mistake(
        name="no_grad_forgotten_deutsch",
        base="deutsch",
        edits=(("@torch.no_grad()\n", ""),),
        says=GRADIENT,
        kind="omission",
        also=(
            "with auswertung(model):",
            "for _ in range(max_new_tokens):",
            "punkte = model(ids[:, -fenster:])",
            "modell.eval()",
            "yield",
        ),
    ),
    Mistake(
        name="temperature_not_passed_on_deutsch",
        base="deutsch",
        edits=(
            (
                "generate(model, ids, 1, temperature, generator=generator)",
                "generate(model, ids, 1, generator=generator)",
            ),
        ),
        says=TEMPERATURE + r"|likelier|passes",
    ),
    Mistake(
        name="eval_not_called_deutsch",
        base="deutsch",
        edits=(("    modell.eval()\n", "    modell.eval\n"),),
        says=MODE + r"|call|parenthes",
    ),
    Mistake(
        name="others_get_zero_deutsch",
        base="deutsch",
        edits=(("leer = torch.full_like(punkte, -inf)", "leer = torch.zeros_like(punkte)"),),
        says=TOP_K + r"|zero|full",
    ),
    Mistake(
        name="word_begin_not_noted_deutsch",
        base="deutsch",
        edits=(("        begonnen = begonnen or not leerzeichen\n", ""),),
        says=WORDS + r"|begonnen|space",
        kind="omission",
        also=("if leerzeichen and begonnen:",),
    ),
    # rare_torch
    Mistake(
        name="negative_start_rare",
        base="rare_torch",
        edits=(("start = max(0, end - block)", "start = end - block"),),
        says=CROP + r"|start|negative|narrow|IndexError|max",
        kind="raises",
        also=("window = buffer.narrow(1, start, end - start)",),
    ),
    Mistake(
        name="worst_kept_rare",
        base="rare_torch",
        edits=(("scores.argsort(dim=-1, descending=True)", "scores.argsort(dim=-1)"),),
        says=TOP_K + r"|descending|sort|order",
        also=("order = order[:, :top_k]",),
    ),
    Mistake(
        name="nan_temperature_accepted_rare",
        base="rare_torch",
        edits=(("if not temperature >= 0.0:", "if temperature < 0.0:"),),
        says=REFUSE,
    ),
    Mistake(
        name="first_position_and_prompt_missing_rare",
        base="rare_torch",
        edits=(
            ("model(window).select(1, -1)", "model(window).select(1, 0)"),
            (
                "return text[: next(ends, len(text))]",
                "return text[len(shown) : next(ends, len(text))]",
            ),
        ),
        says=r"last|position|first|best token|greedy|argmax|" + WORDS,
    ),
    Mistake(
        name="characters_counted_for_words_rare",
        base="rare_torch",
        edits=(("goal = len(shown.split()) + n_words", "goal = len(shown) + n_words"),),
        says=WORDS + r"|split|char",
    ),
]
