"""Wrong samplers in nine more styles: first measured, then tuned on."""

from tests.mistakes import Mistake

CROP = r"crop|block_size|window|context|longest|range|index|last .* (tokens|ids)|the model sees"
TEMPERATURE = r"temperature|divid|bold|safe|softmax|shares|no difference"
TOP_K = r"top_k|best|largest|highest|k best|shares"
MODE = r"eval|mode|restor|training"
WORDS = r"word|prompt|continu|words|split|too (many|few)|space|complete"
GRADIENTS = r"gradient|no_grad|set_grad_enabled"
GENERATOR = r"generator|random|seed"
PROMPT = r"prompt|first three ids|given|text so far|shape|behind"

MISTAKES = [
    # etudiante_pas_a_pas
    Mistake(
        name="divided_scores_not_used_etudiante",
        base="etudiante_pas_a_pas",
        edits=(("torch.softmax(scores_divises, dim=0)", "torch.softmax(scores, dim=0)"),),
        says=TEMPERATURE,
        also=("scores_divises = scores / temperature",),
    ),
    Mistake(
        name="descending_forgotten_etudiante",
        base="etudiante_pas_a_pas",
        edits=(("torch.argsort(scores, descending=True)", "torch.argsort(scores)"),),
        says=TOP_K,
        also=("perdants = classement[k:]",),
    ),
    Mistake(
        name="codes_not_updated_etudiante",
        base="etudiante_pas_a_pas",
        edits=(("        codes = sortie[0].tolist()\n", ""),),
        says=WORDS,
        kind="omission",
        also=("sortie = generate(model, entree, 1, temperature=temperature, generator=generator)",),
    ),
    Mistake(
        name="words_without_batch_dimension_etudiante",
        base="etudiante_pas_a_pas",
        edits=(("entree = torch.tensor([codes])", "entree = torch.tensor(codes)"),),
        says=r"subscript|TypeError|dim|shape|batch|\(1, T\)|int|list|tensor",
        kind="raises",
        also=("sortie = generate(model, entree, 1, temperature=temperature, generator=generator)",),
    ),
    Mistake(
        name="one_token_too_many_and_or_for_and_etudiante",
        base="etudiante_pas_a_pas",
        edits=(
            ("while etape < max_new_tokens:", "while etape <= max_new_tokens:"),
            ("if assez_de_mots and mot_termine:", "if assez_de_mots or mot_termine:"),
        ),
        says=r"shape|new tokens|too many|max_new_tokens|\(1, \d+\)|" + WORDS,
        also=("etape = 0",),
    ),
    # fastai_callbacks
    Mistake(
        name="batch_dimension_cropped_fastai",
        base="fastai_callbacks",
        edits=(
            (
                'g.xb = g.ids[:, -g.model.config["block_size"]:]',
                'g.xb = g.ids[-g.model.config["block_size"]:]',
            ),
        ),
        says=CROP,
        also=("self.lg = self.model(self.xb).select(1, -1)",),
    ),
    Mistake(
        name="mode_noted_after_eval_fastai",
        base="fastai_callbacks",
        edits=(
            (
                "self.was, _ = g.model.training, g.model.eval()",
                "_, self.was = g.model.eval(), g.model.training",
            ),
        ),
        says=MODE,
    ),
    Mistake(
        name="others_get_zero_fastai",
        base="fastai_callbacks",
        edits=(('torch.full_like(g.lg, -float("inf")).scatter', "torch.zeros_like(g.lg).scatter"),),
        says=TOP_K + r"|inf",
    ),
    Mistake(
        name="top_k_never_added_fastai",
        base="fastai_callbacks",
        edits=(("    if top_k is not None: cbs.append(TopKCb(top_k))\n", ""),),
        says=TOP_K,
        kind="omission",
        also=(
            "cbs = [EvalCb(), CropCb(), TempCb(temperature), PickCb(temperature, generator), "
            "CatCb()]",
            "return Gen(model, cbs).run(ids, max_new_tokens)",
        ),
    ),
    Mistake(
        name="prompt_returned_as_typed_fastai",
        base="fastai_callbacks",
        edits=(("    return dec(x)", "    return prompt + dec(x)[len(prompt):]"),),
        says=WORDS + r"|unk|decode",
    ),
    # annotated_greedy_decode
    Mistake(
        name="first_block_dropped_for_last_kept_annotated",
        base="annotated_greedy_decode",
        edits=(("ys[:, ys.size(1) - max_len :]", "ys[:, max_len:]"),),
        says=CROP,
        also=("out = model(src)",),
    ),
    Mistake(
        name="new_word_joined_along_batch_annotated",
        base="annotated_greedy_decode",
        edits=(
            (
                "fill_(next_word.item())],\n                dim=1,",
                "fill_(next_word.item())],\n                dim=0,",
            ),
        ),
        says=r"cat|dim|size|shape",
        kind="raises",
        also=(
            "ys = torch.cat(",
            "[ys, torch.zeros(1, 1).type_as(ys).fill_(next_word.item())],",
        ),
    ),
    Mistake(
        name="begun_word_not_cut_off_annotated",
        base="annotated_greedy_decode",
        edits=(("            text = text[:-1]\n", ""),),
        says=WORDS,
        kind="omission",
    ),
    Mistake(
        name="score_taken_for_id_annotated",
        base="annotated_greedy_decode",
        edits=(("    _, next_word = torch.max(", "    next_word, _ = torch.max("),),
        says=r"argmax|max|best token|temperature|greedy|int64|float",
    ),
    Mistake(
        name="log_probabilities_drawn_from_annotated",
        base="annotated_greedy_decode",
        edits=(("        log_prob.exp(),", "        log_prob,"),),
        says=r"multinomial|probability|negative|exp|softmax|log|RuntimeError",
        kind="raises",
        also=("log_prob = log_softmax(", "next_word = torch.multinomial("),
    ),
    # makemore_buffer
    Mistake(
        name="empty_rest_of_buffer_shown_makemore",
        base="makemore_buffer",
        edits=(("out[:, max(t - block_size, 0):t]", "out[:, max(t - block_size, 0):]"),),
        says=r"last position|last|best token|" + CROP,
    ),
    Mistake(
        name="kth_from_the_wrong_end_makemore",
        base="makemore_buffer",
        edits=(("logits.kthvalue(V - min(top_k, V) + 1, ", "logits.kthvalue(min(top_k, V), "),),
        says=TOP_K,
    ),
    Mistake(
        name="top_k_zero_is_falsy_makemore",
        base="makemore_buffer",
        edits=(("if top_k is not None and top_k <= 0:", "if top_k and top_k <= 0:"),),
        says=r"ValueError|refus|top_k|below|1 token at least",
        kind="raises",
    ),
    Mistake(
        name="previous_character_not_kept_makemore",
        base="makemore_buffer",
        edits=(("        prev = ch\n", ""),),
        says=WORDS,
        kind="omission",
    ),
    Mistake(
        name="columns_normalised_and_words_unseeded_makemore",
        base="makemore_buffer",
        edits=(
            ("P = counts / counts.sum(dim=1, keepdim=True)", "P = counts / counts.sum(dim=0)"),
            (
                "ix = generate(model, x, 1, temperature, generator=generator)[0, -1].item()",
                "ix = generate(model, x, 1, temperature)[0, -1].item()",
            ),
        ),
        says=TEMPERATURE + r"|generator|sum|dim",
    ),
    # chat_context_manager
    Mistake(
        name="generator_lands_in_top_k_chat",
        base="chat_context_manager",
        edits=(
            (
                "generate(model, ids, 1, temperature=temperature, generator=generator)",
                "generate(model, ids, 1, temperature, generator)",
            ),
        ),
        says=GENERATOR + r"|top_k|position|argument|TypeError|'<' not supported",
        kind="raises",
    ),
    # Accepted when written: no fact uses top_k together with a temperature other than 1 and 0.
    Mistake(
        name="top_k_filters_undivided_logits_chat",
        base="chat_context_manager",
        edits=(("scaled = filter_top_k(scaled, top_k)", "scaled = filter_top_k(logits, top_k)"),),
        says=TEMPERATURE + r"|top_k",
    ),
    Mistake(
        name="config_read_as_attribute_chat",
        base="chat_context_manager",
        edits=(
            ('block_size = model.config["block_size"]', "block_size = model.config.block_size"),
        ),
        says=r"config|block_size|dict|attribute",
        kind="raises",
    ),
    Mistake(
        name="crop_without_minus_chat",
        base="chat_context_manager",
        edits=(("context = ids[:, -block_size:]", "context = ids[:, block_size:]"),),
        says=CROP + r"|minus|-block_size|index|empty|last position",
        kind="raises",
    ),
    Mistake(
        name="eval_without_parentheses_chat",
        base="chat_context_manager",
        edits=(("    model.eval()\n", "    model.eval\n"),),
        says=MODE + r"|parenthes|call",
    ),
    # portugues_passos
    Mistake(
        name="counter_never_counts_portugues",
        base="portugues_passos",
        edits=(("        contador = contador + 1\n", ""),),
        says=r"hang|endless|for ever|forever|never (ends|stops)|seconds|loop|still running",
        kind="hangs",
        also=("while contador < max_new_tokens:",),
    ),
    Mistake(
        name="gradients_stay_off_portugues",
        base="portugues_passos",
        edits=(("    torch.set_grad_enabled(gradientes_ligados)\n", ""),),
        says=GRADIENTS,
        kind="omission",
    ),
    Mistake(
        name="best_cut_along_batch_portugues",
        base="portugues_passos",
        edits=(("melhores = ordem[:, :quantos]", "melhores = ordem[:quantos]"),),
        says=TOP_K + r"|batch|dimension|no difference",
        also=("proibidos.scatter_(1, melhores, False)",),
    ),
    Mistake(
        name="softmax_divided_afterwards_portugues",
        base="portugues_passos",
        edits=(
            (
                "torch.softmax(pontos / temperature, dim=1)",
                "torch.softmax(pontos, dim=1) / temperature",
            ),
        ),
        says=TEMPERATURE + r"|before",
    ),
    Mistake(
        name="error_returned_and_empty_word_counted_portugues",
        base="portugues_passos",
        edits=(
            ('raise ValueError("a temperatura', 'return ValueError("a temperatura'),
            ("palavras_no_inicio = texto.split()", 'palavras_no_inicio = texto.split(" ")'),
        ),
        says=r"refus|ValueError|raise|below 0|negative|return|" + WORDS,
        also=("meta = len(palavras_no_inicio) + n_words",),
    ),
    # keras_one_step
    Mistake(
        name="last_prediction_not_selected_keras",
        base="keras_one_step",
        edits=(("    predicted_logits = predicted_logits[:, -1, :]\n", ""),),
        says=r"last|position|shape|dimension|\(1, \d|prob_dist|size",
        kind="omission",
        also=(
            "predicted_logits = self.model(input_ids[:, -longest:])",
            "predicted_logits = predicted_logits + self.prediction_mask(predicted_logits)",
        ),
    ),
    Mistake(
        name="generator_not_given_to_one_step_keras",
        base="keras_one_step",
        edits=(
            (
                "OneStep(model, temperature, top_k, generator)",
                "OneStep(model, temperature, top_k)",
            ),
        ),
        says=GENERATOR,
    ),
    Mistake(
        name="mask_values_swapped_keras",
        base="keras_one_step",
        edits=(
            (
                "torch.where(logits >= cutoff, 0.0, -torch.inf)",
                "torch.where(logits >= cutoff, -torch.inf, 0.0)",
            ),
        ),
        says=TOP_K + r"|hidden|kept|swap|inf",
    ),
    Mistake(
        name="super_init_forgotten_keras",
        base="keras_one_step",
        edits=(("    super().__init__()\n", ""),),
        says=r"super|__init__|Module|assign",
        kind="omission",
    ),
    Mistake(
        name="prompt_shown_again_and_again_keras",
        base="keras_one_step",
        edits=(("generate_one_step(torch.cat(result, dim=1))", "generate_one_step(ids)"),),
        says=r"once only|same token|each time|anew|greedy|best token|new (token|id)|grow",
    ),
    # heapq_bisect
    Mistake(
        name="dart_not_as_long_as_ruler_bisect",
        base="heapq_bisect",
        edits=(("dtype=torch.float64).item() * ruler[-1]", "dtype=torch.float64).item()"),),
        says=TEMPERATURE + r"|sum|draw|rand",
        also=("return bisect_right(ruler, dart)",),
    ),
    Mistake(
        name="whole_text_added_again_bisect",
        base="heapq_bisect",
        edits=(("generator=generator)[0, -1:].tolist()", "generator=generator)[0].tolist()"),),
        says=WORDS + r"|twice|again|prompt|repeat|last|append",
    ),
    Mistake(
        name="only_best_divided_by_temperature_bisect",
        base="heapq_bisect",
        edits=(("exp((s - best) / temperature)", "exp(s - best / temperature)"),),
        says=TEMPERATURE + r"|parenthes|bracket",
    ),
    Mistake(
        name="scores_kept_instead_of_ids_bisect",
        base="heapq_bisect",
        edits=(
            (
                "nlargest(top_k or len(scores), range(len(scores)), key=scores.__getitem__)",
                "nlargest(top_k or len(scores), scores)",
            ),
        ),
        says=TOP_K + r"|temperature|index|ids|scores|range",
        also=(
            "return [exp((s - best) / temperature) if i in kept else 0.0"
            " for i, s in enumerate(scores)]",
        ),
    ),
    Mistake(
        name="top_k_zero_allowed_and_one_character_shown_bisect",
        base="heapq_bisect",
        edits=(
            ("top_k < 1)", "top_k < 0)"),
            (
                "generate(model, torch.tensor([row]), 1",
                "generate(model, torch.tensor([row[-1:]]), 1",
            ),
        ),
        says=r"refus|ValueError|top_k|below 1|at least|whole|last|" + WORDS,
    ),
    # gptfast_exponential
    Mistake(
        name="race_multiplied_gptfast",
        base="gptfast_exponential",
        edits=(("torch.argmax(probs / q, dim=-1)", "torch.argmax(probs * q, dim=-1)"),),
        says=TEMPERATURE + r"|draw|exponential|multipl",
        also=("q = torch.empty_like(probs).exponential_(1, generator=generator)",),
    ),
    Mistake(
        name="prompt_not_filled_in_gptfast",
        base="gptfast_exponential",
        edits=(("    seq[:, :T] = prompt\n", ""),),
        says=PROMPT,
        kind="omission",
        also=("seq = torch.zeros((B, T_new), dtype=prompt.dtype, device=prompt.device)",),
    ),
    Mistake(
        name="buffer_without_dtype_gptfast",
        base="gptfast_exponential",
        edits=(
            (
                "torch.zeros((B, T_new), dtype=prompt.dtype, device=prompt.device)",
                "torch.zeros((B, T_new), device=prompt.device)",
            ),
        ),
        says=r"int64|float|dtype|long|integer|whole numbers|type",
        kind="raises",
    ),
    Mistake(
        name="stop_callback_returns_nothing_gptfast",
        base="gptfast_exponential",
        edits=(('return text.endswith(" ") and', 'text.endswith(" ") and'),),
        says=WORDS + r"|return|stop|None",
    ),
    Mistake(
        name="returned_after_first_token_gptfast",
        base="gptfast_exponential",
        edits=(("    return seq[:, :input_pos]\n", "        return seq[:, :input_pos]\n"),),
        says=r"shape|\(1, \d|return|indent|loop|first|one token|None|too few",
    ),
]
