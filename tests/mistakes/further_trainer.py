"""Wrong trainers in four further styles: first measured, then tuned on."""

from tests.mistakes import Mistake

LEARN = r"learn|fall|fell|rise|decreas|improv|97|optimi[sz]|loss|guess"
WINDOW = r"window|last|every|place|start|block_size|enough|fit|stack|size"
MODE = r"eval|mode"

MISTAKES = [
    # alumna_apuntes
    Mistake(
        name="last_start_one_too_far_alumna_apuntes",
        base="alumna_apuntes",
        edits=(("ultimo_inicio = total - block_size - 1", "ultimo_inicio = total - block_size"),),
        says=WINDOW,
        kind="raises",
        also=("sorteo = torch.randint(0, ultimo_inicio + 1, (1,), generator=generator)",),
    ),
    Mistake(
        name="weights_not_loaded_alumna_apuntes",
        base="alumna_apuntes",
        edits=(("    modelo.load_state_dict(pesos)\n", ""),),
        says=r"parameters|weights|load_state_dict|as it was",
        kind="omission",
        also=("modelo = MiniGPT(**configuracion)", "modelo.eval()"),
    ),
    Mistake(
        name="item_forgotten_alumna_apuntes",
        base="alumna_apuntes",
        edits=(("valor = perdida.item()", "valor = perdida"),),
        says=r"float|item|tensor|number",
        also=("perdidas.append(valor)",),
    ),
    Mistake(
        name="specials_kept_as_letters_alumna_apuntes",
        base="alumna_apuntes",
        edits=(("letras = vocabulario[3:]", "letras = vocabulario"),),
        says=r"vocab|tokenizer|special|character",
        also=(
            'datos["vocabulario"] = tokenizer.vocab',
            'vocabulario = datos["vocabulario"]',
            'texto = "".join(letras)',
        ),
    ),
    Mistake(
        name="return_slipped_into_the_if_alumna_apuntes",
        base="alumna_apuntes",
        edits=(("    return perdidas", "        return perdidas"),),
        says=r"list|None|return",
    ),
    # sklearn_partial_fit
    Mistake(
        name="view_of_a_slice_sklearn_partial_fit",
        base="sklearn_partial_fit",
        edits=(("y.reshape(-1)", "y.view(-1)"),),
        says=r"view|reshape|contiguous|stride",
        kind="raises",
        also=("return rows[:, :-1], rows[:, 1:]",),
    ),
    Mistake(
        name="global_generator_seeded_sklearn_partial_fit",
        base="sklearn_partial_fit",
        edits=(
            (
                "rng = torch.Generator().manual_seed(self.random_state)",
                "rng = torch.manual_seed(self.random_state)",
            ),
        ),
        says=r"global|seed|random|generator",
    ),
    Mistake(
        name="eval_forgotten_after_loading_sklearn_partial_fit",
        base="sklearn_partial_fit",
        edits=(("        model.eval()\n", ""),),
        says=MODE,
        kind="omission",
        also=(
            'model = MiniGPT(**params["config"])',
            'model.load_state_dict(params["coef_"])',
            'return model, CharTokenizer("".join(params["vocab"][N_SPECIALS:]))',
        ),
    ),
    Mistake(
        name="last_window_left_out_sklearn_partial_fit",
        base="sklearn_partial_fit",
        edits=(
            (
                "self.n_windows_ = len(self.ids) - block_size",
                "self.n_windows_ = len(self.ids) - block_size - 1",
            ),
        ),
        says=WINDOW,
    ),
    Mistake(
        name="offsets_one_short_and_fit_returned_sklearn_partial_fit",
        base="sklearn_partial_fit",
        edits=(
            (
                "offsets = torch.arange(self.block_size + 1)",
                "offsets = torch.arange(self.block_size)",
            ),
            ("return estimator.fit(ids).loss_curve_", "return estimator.fit(ids)"),
        ),
        says=r"shape|window|\(4, ?[67]\)|list|loss",
        also=("return self",),
    ),
    # take_logsumexp
    Mistake(
        name="one_added_to_the_ids_take_logsumexp",
        base="take_logsumexp",
        edits=(("th.take(ids, at + 1)", "th.take(ids + 1, at)"),),
        says=r"shift|next|later|follow|right answers",
    ),
    Mistake(
        name="likelihood_not_negated_take_logsumexp",
        base="take_logsumexp",
        edits=(
            (
                "return (logits.logsumexp(-1) - right).mean()",
                "return (right - logits.logsumexp(-1)).mean()",
            ),
        ),
        says=r"sign|-2\.77|negative|untrained|ln 16|first loss",
        also=("loss = surprise(model(x), y)",),
    ),
    Mistake(
        name="parameters_not_called_take_logsumexp",
        base="take_logsumexp",
        edits=(("params = [*model.parameters()]", "params = [*model.parameters]"),),
        says=r"TypeError|iterable|method|parameters|call",
        kind="raises",
    ),
    Mistake(
        name="mode_not_put_back_take_logsumexp",
        base="take_logsumexp",
        edits=(("    model.train(was)\n", ""),),
        says=MODE,
        kind="omission",
        also=("return out",),
    ),
    Mistake(
        name="loaded_by_another_key_take_logsumexp",
        base="take_logsumexp",
        edits=(('blob["state"]', 'blob["model"]'),),
        says=r"KeyError|key|model|state",
        kind="raises",
        also=("blob = dict(config=model.config, vocab=tokenizer.vocab, state=model.state_dict())",),
    ),
    # assistant_many_helpers
    Mistake(
        name="zero_grad_forgotten_assistant_many_helpers",
        base="assistant_many_helpers",
        edits=(("    optimizer.zero_grad()\n", ""),),
        says=r"zero_grad|zero|gradient|accumulat|add up",
        kind="omission",
        also=(
            "loss = _compute_loss(model(inputs), targets)",
            "loss.backward()",
            "optimizer.step()",
        ),
    ),
    Mistake(
        name="generator_not_handed_on_assistant_many_helpers",
        base="assistant_many_helpers",
        edits=(("        generator=generator,\n    )", "    )"),),
        says=r"generator|global|random",
    ),
    Mistake(
        name="seeded_anew_each_step_assistant_many_helpers",
        base="assistant_many_helpers",
        edits=(
            (
                "get_batch(ids, batch_size, block_size, generator)",
                "get_batch(ids, batch_size, block_size, torch.Generator().manual_seed(seed))",
            ),
        ),
        says=r"same|window|generator|seed|batch|floor|achiev|loss",
    ),
    Mistake(
        name="usual_rate_and_softmax_first_assistant_many_helpers",
        base="assistant_many_helpers",
        edits=(
            ("lr=learning_rate", "lr=3e-4"),
            (
                "F.cross_entropy(logits.transpose(1, 2), targets)",
                "F.cross_entropy(logits.softmax(dim=-1).transpose(1, 2), targets)",
            ),
        ),
        says=r"learning_rate|\blr\b|softmax|further|" + LEARN,
    ),
    Mistake(
        name="one_step_less_assistant_many_helpers",
        base="assistant_many_helpers",
        edits=(("range(1, steps + 1)", "range(1, steps)"),),
        says=r"how many|steps|7|range",
    ),
]
