"""Unseen wrong modules of loop 4: written last, in styles on which nobody tuned the diagnosis."""

from tests.mistakes import Mistake

CROP = r"crop|block_size|window|context|last .* tokens|longest|range|index"
TEMPERATURE = r"temperature|divid|bold|safe|softmax"
TOP_K = r"top_k|best|largest|highest"
MODE = r"eval|mode|restor"
WORDS = r"word|prompt|continu"

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
]
