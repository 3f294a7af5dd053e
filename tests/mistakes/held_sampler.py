"""Held-out wrong modules of loop 4: nobody tuned the diagnosis on these styles."""

from tests.mistakes import Mistake

CROP = r"crop|block_size|window|context|last .* tokens|longest|range|index"
TEMPERATURE = r"temperature|divid|multipl|bold|safe"
TOP_K = r"top_k|best|largest|highest"
MODE = r"eval|mode|restor"

MISTAKES = [
    # held_spanish_names
    Mistake(
        name="temperature_multiplied_held_spanish",
        base="held_spanish_names",
        edits=(("puntos = puntos / temperatura", "puntos = puntos * temperatura"),),
        says=TEMPERATURE,
    ),
    Mistake(
        name="last_place_counted_in_the_whole_text_held_spanish",
        base="held_spanish_names",
        edits=(("puntos = model(contexto)[:, -1]", "puntos = model(contexto)[:, fin - 1]"),),
        says=CROP + r"|last position",
        kind="raises",
    ),
    Mistake(
        name="window_one_too_short_held_spanish",
        base="held_spanish_names",
        edits=(("inicio = max(0, fin - ventana)", "inicio = max(0, fin - ventana + 1)"),),
        says=CROP,
        also=(
            "contexto = resultado[:, inicio:fin]",
            'ventana = model.config["block_size"]',
        ),
    ),
    Mistake(
        name="arguments_not_checked_held_spanish",
        base="held_spanish_names",
        edits=(("    revisar(temperature, top_k)\n", ""),),
        says=r"ValueError|refus|negative|below",
        kind="omission",
        also=("largo = ids.shape[1]",),
    ),
    Mistake(
        name="worst_tokens_kept_held_spanish",
        base="held_spanish_names",
        edits=(("puntos.sort(descending=True).values", "puntos.sort().values"),),
        says=TOP_K,
    ),
    # held_haskell_lover
    Mistake(
        name="first_tokens_shown_held_haskell",
        base="held_haskell_lover",
        edits=(('row[-model.config["block_size"] :]', 'row[: model.config["block_size"]]'),),
        says=CROP,
    ),
    Mistake(
        name="first_place_read_held_haskell",
        base="held_haskell_lover",
        edits=(("choose(logits[-1])", "choose(logits[0])"),),
        says=r"last|position|best token|greedy|argmax",
        also=("logits = model(context.unsqueeze(0)).squeeze(0)",),
    ),
    Mistake(
        name="eval_forgotten_held_haskell",
        base="held_haskell_lover",
        edits=(("    model.eval()\n", ""),),
        says=MODE,
        kind="omission",
        also=("mode = model.training", "yield"),
    ),
    Mistake(
        name="own_generator_and_worst_kept_held_haskell",
        base="held_haskell_lover",
        edits=(
            (
                "return torch.multinomial(torch.softmax(logits, 0), 1, generator=generator)",
                "return torch.multinomial(torch.softmax(logits, 0), 1)",
            ),
            (
                "best = torch.topk(logits, min(k, logits.numel()))",
                "best = torch.topk(logits, min(k, logits.numel()), largest=False)",
            ),
        ),
        says=TOP_K + r"|generator|global|random",
    ),
    Mistake(
        name="batch_dimension_forgotten_held_haskell",
        base="held_haskell_lover",
        edits=(
            (
                "begin = torch.tensor(tokenizer.encode(prompt)).unsqueeze(0)",
                "begin = torch.tensor(tokenizer.encode(prompt))",
            ),
        ),
        says=r"dim|shape|batch|unsqueeze|IndexError|slice|\(1, T\)",
        kind="raises",
        also=(
            'context = row[-model.config["block_size"] :]',
            "rows = [reduce(step, repeat(None, max_new_tokens), row) for row in ids]",
            "more = lambda ids, _: generate(model, ids, 1, temperature, None, generator)",
            "states = accumulate(repeat(None, 30 * n_words), more, initial=begin)",
        ),
    ),
    # held_notebook_data_scientist
    Mistake(
        name="temperature_not_passed_on_held_notebook",
        base="held_notebook_data_scientist",
        edits=(
            (
                "generate(model, X, 1, temperature=temperature, generator=generator)",
                "generate(model, X, 1, generator=generator)",
            ),
        ),
        says=TEMPERATURE,
    ),
    Mistake(
        name="words_of_the_prompt_counted_held_notebook",
        base="held_notebook_data_scientist",
        edits=(("n_new = len(out.split()) - n_start", "n_new = len(out.split())"),),
        says=r"word",
        also=('if n_new >= n_words and out.endswith(" "):',),
    ),
    Mistake(
        name="best_tokens_thrown_away_held_notebook",
        base="held_notebook_data_scientist",
        edits=(("logp[order[self.top_k :]] = NEG", "logp[order[: self.top_k]] = NEG"),),
        says=TOP_K,
        also=("order = torch.argsort(logp, descending=True)",),
    ),
    Mistake(
        name="mode_not_restored_held_notebook",
        base="held_notebook_data_scientist",
        edits=(("    model.train(mode)\n", ""),),
        says=MODE,
        kind="omission",
        also=(
            "return torch.tensor([seq], dtype=torch.long)",
            "model.train(False)",
        ),
    ),
    Mistake(
        name="prompt_not_returned_held_notebook",
        base="held_notebook_data_scientist",
        edits=(
            (
                "return torch.tensor([seq], dtype=torch.long)",
                "return torch.tensor([seq[-max_new_tokens:]], dtype=torch.long)",
            ),
        ),
        says=r"prompt|whole|shape|length|T \+|behind",
    ),
]
