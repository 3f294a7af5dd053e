"""python -m mini_gpt train: learn from a book, stop, and go on."""

import argparse
from pathlib import Path

from mini_gpt.paths import BOOK_FOLDER
from mini_gpt.support.refusal import Refusal

RESUME = "python -m mini_gpt train --resume"
VOCAB_SIZE = 1024
WINDOWS = {"batch-size": (32, 8), "block-size": (64, 256)}
"""How many windows make a step, and how long they are: for the learner's model, and with --modern.

It is the same number of tokens. A model that knows distances can use a longer window. At first, as
long as SHORT says, its windows are half as long, and twice as many.
"""
SHORT = 0.6
"""With --modern, the first steps look at windows of half the length: this share of all steps."""


def add_options(command: argparse.ArgumentParser) -> None:
    """Describe the options of train."""
    command.add_argument(
        "text", nargs="*", help='files, folders, or "shakespeare"; none: our pages'
    )
    command.add_argument("--resume", action="store_true", help="go on where a training stopped")
    command.add_argument(
        "--folder", type=Path, default=BOOK_FOLDER, help="where all is kept: runs/book"
    )
    command.add_argument("--steps", type=int, help="in all, default 2000")
    modern_help = "a model of today in place of yours: docs/since_gpt2.md"
    command.add_argument("--modern", action="store_true", help=modern_help)
    for name, (default, modern) in WINDOWS.items():
        size_help = f"default {default}, or {modern} with --modern"
        command.add_argument(f"--{name}", type=int, help=size_help)
    numbers = {"eval-every": 250, "n-embd": 64, "n-head": 4, "n-layer": 2, "seed": 11}
    for name, default in numbers.items():
        command.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")
    command.add_argument("--tokenizer", choices=("char", "bpe"), help="default char")
    size_help = f"with --tokenizer bpe: how many tokens, default {VOCAB_SIZE}"
    command.add_argument("--vocab-size", type=int, help=size_help)
    command.add_argument("--learning-rate", type=float, default=4e-3, help="default 0.004")
    command.add_argument("--optimizer", choices=("muon", "adamw"), default="muon", help="or adamw")


def refuse_nonsense(options: argparse.Namespace) -> None:
    """Refuse values, and pairs of options, that cannot work. Then fill in the defaults."""
    if not options.learning_rate > 0:
        raise Refusal(f"--learning-rate must be above 0, got {options.learning_rate}.")
    if options.vocab_size is not None:
        if options.tokenizer != "bpe":
            raise Refusal("--vocab-size is for --tokenizer bpe: say both, or none.")
        if not 259 <= options.vocab_size <= 65_536:
            raise Refusal(f"--vocab-size must be 259 to 65536, got {options.vocab_size}.")
    if options.resume and options.modern:
        raise Refusal("--resume goes on with the model that it has: leave --modern out.")
    for name, sizes in WINDOWS.items():
        attribute = name.replace("-", "_")
        if getattr(options, attribute) is None:
            setattr(options, attribute, sizes[options.modern])


def train(options: argparse.Namespace) -> None:
    """Train on a book, or go on with a training. torchrun does this in several processes."""
    from mini_gpt.support.training import together
    from mini_gpt.support.training.ending import end
    from mini_gpt.support.training.prepare import open_parts
    from mini_gpt.support.training.progress import Progress

    folder = options.folder
    file = folder / "checkpoint.pt"
    with together.joined():
        training = go_on(options, file) if options.resume else begin(options, file)
        is_first = together.rank() == 0
        steps = training.options.steps
        progress = Progress(folder / "log.txt", steps, training.step, aloud=is_first)
        parts = open_parts(folder / "ids.bin")
        try:
            training.run(*parts, file, progress)
        except KeyboardInterrupt:
            kept = training.history[-1][0] if training.history else 0
            again = f"Go on from step {kept:,}: {RESUME}" if kept else "There is no checkpoint yet."
            raise KeyboardInterrupt(f" That was step {training.step:,}. {again}") from None
        if is_first:
            end(training, parts, folder, progress)


def begin(options: argparse.Namespace, file: Path):
    """Prepare the texts, and make a fresh training."""
    import torch

    from mini_gpt.support.checkpoint import new_model
    from mini_gpt.support.device import choose
    from mini_gpt.support.tokenizers import tokenizer_of
    from mini_gpt.support.training import together
    from mini_gpt.support.training.training import Options, Training

    device = choose(options.device)
    tokenizer = tokenizer_of(together.first_does(lambda: read_texts(options, file)))
    torch.manual_seed(options.seed)
    sizes = {name: getattr(options, name) for name in ("n_embd", "n_head", "n_layer", "block_size")}
    config = {"vocab_size": tokenizer.vocab_size, **sizes}
    try:
        model = new_model(config | {"without": []} if options.modern else config).to(device)
    except ValueError as error:
        raise Refusal(f"{error}.") from None
    names = ("eval_every", "batch_size", "optimizer", "learning_rate", "seed")
    given = {name: getattr(options, name) for name in names}
    if options.modern:
        given["short"] = SHORT
    if options.steps is not None:
        given["steps"] = options.steps
    training = Training(model, tokenizer, Options(**given))
    if together.rank() == 0:
        parameters = sum(parameter.numel() for parameter in model.parameters())
        print(f"{parameters:,} parameters, on {device}")
        if training.fused:
            print("While it trains, PyTorch's fused attention replaces yours: the same numbers.")
    return training


def read_texts(options: argparse.Namespace, file: Path) -> dict:
    """Write the ids of all texts. Returns a description of their tokenizer."""
    from mini_gpt.support.tokenizers import describe_tokenizer
    from mini_gpt.support.training.books import find_texts
    from mini_gpt.support.training.prepare import prepare

    if file.exists():
        wrong = f"{file} is there already. To go on with it: {RESUME}"
        raise Refusal(f"{wrong}. For another training: --folder NAME.")
    files = find_texts(options.text)
    file.parent.mkdir(parents=True, exist_ok=True)
    wanted = (options.vocab_size or VOCAB_SIZE) if options.tokenizer == "bpe" else None
    tokenizer, count = prepare(files, file.with_name("ids.bin"), options.block_size, wanted)
    units = "tokens" if wanted else "characters"
    plural = "s" * (len(files) > 1)
    print(f"{count:,} {units} of {len(files)} file{plural}, {tokenizer.vocab_size} ids")
    return describe_tokenizer(tokenizer)


def go_on(options: argparse.Namespace, file: Path):
    """Make a training again as it was."""
    from mini_gpt.support.checkpoint import load_training, refuse_misfit
    from mini_gpt.support.device import choose
    from mini_gpt.support.training.training import resume

    if options.text:
        raise Refusal("--resume goes on with the texts that it has: leave the names out.")
    if options.tokenizer:
        raise Refusal("--resume goes on with the tokenizer that it has: leave --tokenizer out.")
    state = load_training(file)
    with refuse_misfit(file):
        training = resume(state, options.steps, choose(options.device))
    if not file.with_name("ids.bin").exists():
        raise Refusal(f"{file.with_name('ids.bin')} is gone, and with it the text: train anew.")
    if training.step >= training.options.steps:
        more = f"To go further: {RESUME} --steps {2 * training.step}"
        raise Refusal(f"All {training.step:,} steps are done. {more}")
    print(f"Going on after step {training.step:,}.")
    return training
