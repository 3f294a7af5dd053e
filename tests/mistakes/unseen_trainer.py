"""Wrong trainers in four styles on which nothing was tuned."""

from tests.mistakes import Mistake

SHIFT = r"shift|next|later|follow|shape|block_size|short"
WINDOW = r"window|last|every|place|start|block_size|enough|fit|drawn"
LEARN = r"learn|fall|fell|97|optimi[sz]|weights|parameter|loss|nan|finite|number"
DICE = r"generator|random|seed|global|drawn|windows"
MODE = r"eval|mode|as it was"
TOKENS = r"vocab|tokenizer|special|character"

MISTAKES = [
    # bourke_train_step
    Mistake(
        name="high_is_one_too_low_bourke_train_step",
        base="bourke_train_step",
        edits=(("high=len(ids) - block_size,", "high=len(ids) - block_size - 1,"),),
        says=WINDOW,
        also=("start_indices = torch.randint(",),
    ),
    Mistake(
        name="dice_made_anew_in_the_loop_bourke_train_step",
        base="bourke_train_step",
        edits=(
            (
                "X, y = get_batch(ids, batch_size, block_size, generator)",
                "X, y = get_batch(ids, batch_size, block_size, "
                "torch.Generator().manual_seed(seed))",
            ),
        ),
        says=r"batch|window|same|seed|draw|generator|learn|97|achieve|story",
    ),
    Mistake(
        name="third_comment_without_its_line_bourke_train_step",
        base="bourke_train_step",
        edits=(("    optimizer.zero_grad()\n", ""),),
        says=r"zero_grad|gradient|accumulat|pile|earlier",
        kind="omission",
        also=(
            "# 3. Optimizer zero grad",
            "loss = loss_fn(y_logits.flatten(0, 1), y.flatten())",
            "loss.backward()",
            "optimizer.step()",
            "return loss.item()",
        ),
    ),
    Mistake(
        name="always_eval_at_the_end_bourke_train_step",
        base="bourke_train_step",
        edits=(("model.train(mode=was_training)", "model.eval()"),),
        says=MODE,
    ),
    Mistake(
        name="logits_not_flattened_bourke_train_step",
        base="bourke_train_step",
        edits=(("loss_fn(y_logits.flatten(0, 1), y.flatten())", "loss_fn(y_logits, y)"),),
        says=r"shape|size|flatten|target|cross|loss_fn|logits|dimension",
        kind="raises",
    ),
    # polski_zeszyt
    Mistake(
        name="nastepne_bez_ostatniego_polski_zeszyt",
        base="polski_zeszyt",
        edits=(
            ("nastepne = ids[poczatek + 1 : koniec + 1]", "nastepne = ids[poczatek + 1 : koniec]"),
        ),
        says=SHIFT,
    ),
    Mistake(
        name="append_za_petla_polski_zeszyt",
        base="polski_zeszyt",
        edits=(("        straty.append(liczba)\n", "    straty.append(liczba)\n"),),
        says=r"loss|each step|list|append|indent|steps",
    ),
    Mistake(
        name="wagi_nie_wczytane_polski_zeszyt",
        base="polski_zeszyt",
        edits=(('    model.load_state_dict(dane["wagi"])\n', ""),),
        says=r"weights|load_state_dict|parameters|as it was|logits|saved",
        kind="omission",
        also=("model = MiniGPT(**config)", "model.eval()"),
    ),
    Mistake(
        name="napis_zamiast_path_polski_zeszyt",
        base="polski_zeszyt",
        edits=(("sciezka = Path(path)", "sciezka = path"),),
        says=r"path|str|with_name|attribute",
        kind="raises",
        also=('tymczasowa = sciezka.with_name(sciezka.name + ".nowy")',),
    ),
    Mistake(
        name="lr_zapomniane_polski_zeszyt",
        base="polski_zeszyt",
        edits=(
            (
                "torch.optim.AdamW(model.parameters(), lr=learning_rate)",
                "torch.optim.AdamW(model.parameters())",
            ),
        ),
        says=r"learning.rate|lr|larger|move",
    ),
    # lazy_yielding_losses
    Mistake(
        name="grid_without_the_answer_lazy_yielding_losses",
        base="lazy_yielding_losses",
        edits=(("torch.arange(block_size + 1)", "torch.arange(block_size)"),),
        says=SHIFT,
    ),
    Mistake(
        name="random_without_generator_lazy_yielding_losses",
        base="lazy_yielding_losses",
        edits=((".random_(places, generator=generator)", ".random_(places)"),),
        says=DICE,
    ),
    Mistake(
        name="labels_smoothed_lazy_yielding_losses",
        base="lazy_yielding_losses",
        edits=(
            (
                "F.cross_entropy(model(x).transpose(1, 2), y)",
                "F.cross_entropy(model(x).transpose(1, 2), y, label_smoothing=0.1)",
            ),
        ),
        says=r"smooth|loss|cross|97|learn|untrained",
    ),
    Mistake(
        name="eval_left_out_lazy_yielding_losses",
        base="lazy_yielding_losses",
        edits=(("    model.eval()\n", ""),),
        says=MODE + r"|ready",
        kind="omission",
        also=(
            "model = MiniGPT(**config)",
            "model.load_state_dict(weights)",
            'return model, CharTokenizer("".join(vocab[3:]))',
        ),
    ),
    Mistake(
        name="tensors_yielded_and_specials_joined_lazy_yielding_losses",
        base="lazy_yielding_losses",
        edits=(
            ("yield loss.item()", "yield loss"),
            ('"".join(vocab[3:])', '"".join(vocab)'),
        ),
        says=r"float|tensor|item|number|" + TOKENS,
        also=(
            "for step, loss in enumerate(losses_of(model, optimizer, batches), start=1):",
            "torch.save((model.config, tokenizer.vocab, model.state_dict()), buffer)",
        ),
    ),
    # cs336_assignment
    Mistake(
        name="gather_without_unsqueeze_cs336_assignment",
        base="cs336_assignment",
        edits=(("targets.unsqueeze(-1)).squeeze(-1)", "targets)"),),
        says=r"dimension|gather|shape|index|size",
        kind="raises",
    ),
    Mistake(
        name="second_moment_not_squared_cs336_assignment",
        base="cs336_assignment",
        edits=(("(1 - beta2) * p.grad**2", "(1 - beta2) * p.grad"),),
        says=LEARN,
    ),
    Mistake(
        name="ninety_percent_split_cs336_assignment",
        base="cs336_assignment",
        edits=(
            (
                "train_ids = torch.as_tensor(ids)",
                "train_ids = torch.as_tensor(ids)[: int(0.9 * len(ids))]",
            ),
        ),
        says=r"window|whole|text|enough|all|ids|short",
        also=("inputs, labels = get_batch(train_ids, batch_size, block_size, generator)",),
    ),
    Mistake(
        name="global_manual_seed_and_unsafe_load_cs336_assignment",
        base="cs336_assignment",
        edits=(
            (
                "generator = torch.Generator().manual_seed(seed)",
                "generator = torch.manual_seed(seed)",
            ),
            ("weights_only=True", "weights_only=False"),
        ),
        says=DICE + r"|weights_only|stranger|code",
    ),
]
