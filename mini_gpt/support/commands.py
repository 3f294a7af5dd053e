"""The commands: train, and how generate, chat, look and web are called."""

import argparse
from pathlib import Path

from mini_gpt.paths import MODEL_FILE, ROOT
from mini_gpt.support import speaking
from mini_gpt.support.refusal import Refusal

FOLDER = ROOT / "runs" / "book"
RESUME = "python -m mini_gpt train --resume"
DEVICES = ("auto", "cuda", "mps", "cpu")
NAMES = ("train", "generate", "chat", "look", "web")
VOCAB_SIZE = 1024


def parser() -> argparse.ArgumentParser:
    """Describe the commands and their options."""
    top = argparse.ArgumentParser(prog="python -m mini_gpt")
    commands = top.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train on a book of yours")
    train.add_argument("text", nargs="*", help='files, folders, or "shakespeare"; none: our pages')
    train.add_argument("--resume", action="store_true", help="go on where a training stopped")
    train.add_argument("--folder", type=Path, default=FOLDER, help="where all is kept: runs/book")
    train.add_argument("--steps", type=int, help="in all, default 2000")
    for name, default in {
        "eval-every": 250,
        "batch-size": 32,
        "block-size": 64,
        "seed": 11,
    }.items():
        train.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")
    for name, default in {"n-embd": 64, "n-head": 4, "n-layer": 2}.items():
        train.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")
    train.add_argument("--tokenizer", choices=("char", "bpe"), help="default char")
    size_help = f"with --tokenizer bpe: how many tokens, default {VOCAB_SIZE}"
    train.add_argument("--vocab-size", type=int, help=size_help)
    train.add_argument("--learning-rate", type=float, default=4e-3, help="default 0.004")
    train.add_argument("--optimizer", choices=("muon", "adamw"), default="muon", help="or adamw")
    generate = commands.add_parser("generate", help="let a model continue a text")
    generate.add_argument("prompt", help='such as "ROMEO:"')
    chat = commands.add_parser("chat", help="talk with a model, line by line")
    beams_help = "search for the most likely text, with so many beams"
    generate.add_argument("--beams", type=int, help=beams_help)
    for command in (generate, chat):
        speaking.add_options(command)
    for command in (train, generate, chat):
        command.add_argument("--device", choices=DEVICES, default="auto", help="default auto")
    describe_look(commands.add_parser("look", help="see where a model looks"))
    web = commands.add_parser("web", help="open a page in the browser, for this computer alone")
    web.add_argument("--model", type=Path, help="default: runs/book, or model.pt")
    web.add_argument("--port", type=int, default=7860, help="default 7860")
    web.add_argument("--no-browser", action="store_true", help="only print the address")
    return top


def describe_look(look: argparse.ArgumentParser) -> None:
    """Describe the options of look."""
    look.add_argument("text", help='what the model reads, such as "hello world"')
    look.add_argument("--model", type=Path, help="default: runs/book, or model.pt")
    look.add_argument("--layer", type=int, help="the head to draw large; default: the clearest")
    look.add_argument("--head", type=int, help="counted from 1, as the layer")
    look.add_argument("--from", type=int, dest="first", metavar="N", help="show from here on")
    look.add_argument("--to", type=int, dest="last", metavar="N", help="show up to here")
    look.add_argument("--on", type=Path, metavar="FILE", help="measure what heads do on this text")
    look.add_argument("--seed", type=int, default=11, help="of the training, default 11")
    look.add_argument("--folder", type=Path, help="where to write, default runs/look/...")


def refuse_nonsense(options: argparse.Namespace) -> None:
    """Refuse numbers that cannot work, before anything is done."""
    least = {"steps": 1, "eval_every": 1, "batch_size": 1, "block_size": 1, "length": 1, "top_k": 1}
    least |= {"n_embd": 1, "n_head": 1, "n_layer": 1, "seed": 0, "words": 1, "port": 1}
    for name, smallest in least.items():
        value = getattr(options, name, None)
        if value is not None and not value >= smallest:
            flag = name.replace("_", "-")
            raise Refusal(f"--{flag} must be at least {smallest}, got {value}.")
    if not getattr(options, "learning_rate", 1) > 0:
        raise Refusal(f"--learning-rate must be above 0, got {options.learning_rate}.")
    if getattr(options, "prompt", None) == "":
        raise Refusal('The prompt must hold at least 1 character: try "ROMEO:".')
    if options.command in ("generate", "chat"):
        speaking.refuse_nonsense(options)
    if getattr(options, "vocab_size", None) is not None:
        if options.tokenizer != "bpe":
            raise Refusal("--vocab-size is for --tokenizer bpe: say both, or none.")
        if not 259 <= options.vocab_size <= 65_536:
            raise Refusal(f"--vocab-size must be 259 to 65536, got {options.vocab_size}.")


def run(arguments: list[str]) -> None:
    """Do what the command line asks for."""
    options = parser().parse_args(arguments)
    refuse_nonsense(options)
    if not getattr(options, "numpy", False):
        import torch

        # One thread is as fast for a model this small, and much faster where the cores are busy.
        torch.set_num_threads(1)
    spoken = {"generate": speaking.generate, "chat": speaking.chat}
    actions = {"train": train, **spoken, "look": look, "web": web}
    actions[options.command](options)


def train(options: argparse.Namespace) -> None:
    """Train on a book, or go on with a training. torchrun does this in several processes."""
    from mini_gpt.support import together
    from mini_gpt.support.ending import end
    from mini_gpt.support.prepare import open_parts
    from mini_gpt.support.progress import Progress

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

    from mini_gpt.support import together
    from mini_gpt.support.device import choose
    from mini_gpt.support.tokenizers import tokenizer_of
    from mini_gpt.support.training import Options, Training
    from mini_gpt.transformer import MiniGPT

    device = choose(options.device)
    tokenizer = tokenizer_of(together.first_does(lambda: read_texts(options, file)))
    torch.manual_seed(options.seed)
    sizes = {name: getattr(options, name) for name in ("n_embd", "n_head", "n_layer", "block_size")}
    try:
        model = MiniGPT(vocab_size=tokenizer.vocab_size, **sizes).to(device)
    except ValueError as error:
        raise Refusal(f"{error}.") from None
    names = ("eval_every", "batch_size", "optimizer", "learning_rate", "seed")
    given = {name: getattr(options, name) for name in names}
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
    from mini_gpt.support.books import find_texts
    from mini_gpt.support.prepare import prepare
    from mini_gpt.support.tokenizers import describe_tokenizer

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
    from mini_gpt.support.checkpoint import load_training
    from mini_gpt.support.device import choose
    from mini_gpt.support.training import resume

    if options.text:
        raise Refusal("--resume goes on with the texts that it has: leave the names out.")
    if options.tokenizer:
        raise Refusal("--resume goes on with the tokenizer that it has: leave --tokenizer out.")
    training = resume(load_training(file), options.steps, choose(options.device))
    if not file.with_name("ids.bin").exists():
        raise Refusal(f"{file.with_name('ids.bin')} is gone, and with it the text: train anew.")
    if training.step >= training.options.steps:
        more = f"To go further: {RESUME} --steps {2 * training.step}"
        raise Refusal(f"All {training.step:,} steps are done. {more}")
    print(f"Going on after step {training.step:,}.")
    return training


def look(options: argparse.Namespace) -> None:
    """Look at a text with a model: where does each head look, and what is it good for?"""
    from mini_gpt.support.looking.command import look

    look(options)


def web(options: argparse.Namespace) -> None:
    """Open the page, and keep it open until Ctrl-C."""
    from mini_gpt.support.web.serve import serve

    book = FOLDER / "checkpoint.pt"
    model_file = options.model or (book if book.exists() else MODEL_FILE)
    serve(model_file, options.port, not options.no_browser)
