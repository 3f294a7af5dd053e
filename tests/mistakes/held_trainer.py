"""Held-out wrong modules of loop 3: nobody tuned the diagnosis on these styles."""

from tests.mistakes import Mistake

SHIFT = r"shift|next|later|follow"
LEARN = r"learn|fall|fell|decreas|improv|97|optimi[sz]|weights|parameter|loss|update"
WINDOW = r"window|last|every|place|start|block_size|enough|fit"
MODE = r"eval|mode"

MISTAKES = [
    # held_notebook_data_scientist
    Mistake(
        name="target_not_shifted_held_notebook",
        base="held_notebook_data_scientist",
        edits=(("y = data[idx + 1]", "y = data[idx]"),),
        says=SHIFT,
    ),
    Mistake(
        name="one_window_too_few_held_notebook",
        base="held_notebook_data_scientist",
        edits=(("n_windows = len(data) - block_size", "n_windows = len(data) - block_size - 1"),),
        says=WINDOW,
        also=(
            "if n_windows < 1:",
            'raise ValueError(f"need at least {block_size + 1} ids, have {len(data)}")',
            "start = torch.randint(n_windows, (batch_size,), generator=generator)",
        ),
    ),
    Mistake(
        name="zero_grad_forgotten_held_notebook",
        base="held_notebook_data_scientist",
        edits=(("        opt.zero_grad()\n", ""),),
        says=r"zero_grad|gradient|accumulat|pile",
        kind="omission",
        also=("loss.backward()", "opt.step()"),
    ),
    Mistake(
        name="optimizer_of_another_model_held_notebook",
        base="held_notebook_data_scientist",
        edits=(
            (
                "opt = AdamW(model.parameters(), lr=",
                "opt = AdamW(MiniGPT(**model.config).parameters(), lr=",
            ),
        ),
        says=LEARN,
    ),
    Mistake(
        name="weights_only_off_held_notebook",
        base="held_notebook_data_scientist",
        edits=(("weights_only=True)", "weights_only=False)"),),
        says=r"weights_only|stranger|code|safe|pickle",
    ),
    # held_bootcamp_week_one
    Mistake(
        name="answers_not_flattened_held_bootcamp",
        base="held_bootcamp_week_one",
        edits=(("flat_answers = y.reshape(-1)", "flat_answers = y"),),
        says=r"shape|size|batch|target|dimension|flat|reshape|ValueError|RuntimeError",
        kind="raises",
        also=("loss = loss_function(flat_scores, flat_answers)",),
    ),
    Mistake(
        name="weights_not_loaded_held_bootcamp",
        base="held_bootcamp_week_one",
        edits=(('    model.load_state_dict(checkpoint["model"])\n', ""),),
        says=r"load|weights|state_dict|same|as it was|comes back|differ",
        kind="omission",
        also=("model = MiniGPT(**config)",),
    ),
    Mistake(
        name="softmax_before_the_loss_held_bootcamp",
        base="held_bootcamp_week_one",
        edits=(
            (
                "loss = loss_function(flat_scores, flat_answers)",
                "loss = loss_function(flat_scores.softmax(dim=-1), flat_answers)",
            ),
        ),
        says=r"softmax|cross.?entropy|logit|" + LEARN,
        also=("flat_scores = scores.reshape(-1, vocab_size)", "scores = model(x)"),
    ),
    Mistake(
        name="scores_scrambled_held_bootcamp",
        base="held_bootcamp_week_one",
        edits=(
            (
                "flat_scores = scores.reshape(-1, vocab_size)",
                "flat_scores = scores.transpose(1, 2).reshape(-1, vocab_size)",
            ),
        ),
        says=r"transpose|reshape|scrambl|view|row|" + LEARN,
        also=("loss = loss_function(flat_scores, flat_answers)", "scores = model(x)"),
    ),
    Mistake(
        name="tensors_kept_and_mode_turned_round_held_bootcamp",
        base="held_bootcamp_week_one",
        edits=(
            ("all_losses.append(loss_as_number)", "all_losses.append(loss)"),
            ("if was_in_training_mode == False:", "if was_in_training_mode == True:"),
        ),
        says=r"float|tensor|number|item|" + MODE,
        also=("return all_losses",),
    ),
    # held_keras_fit
    Mistake(
        name="input_and_target_swapped_held_keras",
        base="held_keras_fit",
        edits=(
            (
                "return chosen[:, :-1].clone(), chosen[:, 1:].clone()",
                "return chosen[:, 1:].clone(), chosen[:, :-1].clone()",
            ),
        ),
        says=SHIFT + r"|swap|order|before",
    ),
    Mistake(
        name="windows_without_overlap_held_keras",
        base="held_keras_fit",
        edits=(
            (
                "windows = series.unfold(0, block_size + 1, 1)",
                "windows = series.unfold(0, block_size + 1, block_size)",
            ),
        ),
        says=WINDOW,
    ),
    Mistake(
        name="loaded_model_not_in_eval_held_keras",
        base="held_keras_fit",
        edits=(("    model.train(False)\n", ""),),
        says=MODE,
        kind="omission",
        also=(
            'return model, CharTokenizer("".join(vocab[3:]))',
            "model = MiniGPT(**config)",
        ),
    ),
    Mistake(
        name="global_seed_held_keras",
        base="held_keras_fit",
        edits=(("torch.Generator().manual_seed(seed)", "torch.manual_seed(seed)"),),
        says=r"global|generator|seed|random",
    ),
    Mistake(
        name="specials_twice_held_keras",
        base="held_keras_fit",
        edits=(('CharTokenizer("".join(vocab[3:]))', 'CharTokenizer("".join(vocab))'),),
        says=r"special|vocab|tokenizer|\[3:\]",
    ),
]
