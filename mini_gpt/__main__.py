"""Train a small GPT and let it talk: python -m mini_gpt.

By default it trains on the story. With --text FILE it trains on a text of yours.
For a whole book there are three commands: train, generate and chat. Each knows --help.
"""

# PyTorch and your own modules are imported inside the functions. So a mistake in one of them, and
# Ctrl-C while they load, end in one line.
import argparse
import sys
import time
import traceback
from pathlib import Path

from mini_gpt.paths import MODEL_FILE, keep_other_model
from mini_gpt.story import SEED, TRAINING_TEXT
from mini_gpt.support import commands
from mini_gpt.support.refusal import Refusal

WINDOW = 64
"""Characters that the model sees at once while it trains."""

STORY_STEPS, MOST_STEPS = 100, 3000

EXPECT = (
    "Expect words and lines like those of your text, but little sense: this model is very small, "
    f"and sees {WINDOW} characters at a time."
)

MODULES = {"mini_gpt", "reference", "support"}
"""Folders whose lines are named when something goes wrong: the learner's first of all."""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m mini_gpt", description=__doc__)
    parser.add_argument("--text", type=Path, metavar="FILE", help="train on this text (UTF-8)")
    steps_help = f"training steps, default {STORY_STEPS} to {MOST_STEPS}, by the text's length"
    parser.add_argument("--steps", type=int, help=steps_help)
    parser.add_argument("--prompt", help="what to continue; with --talk alone, you type it")
    parser.add_argument("--words", type=int, default=10, help="words to add, default 10")
    parser.add_argument("--temperature", type=float, default=0.8, help="0 or above, default 0.8")
    parser.add_argument("--seed", type=int, default=SEED, help=f"default {SEED}")
    talk_help = f"do not train, talk with the {MODEL_FILE.name} there is"
    parser.add_argument("--talk", action="store_true", help=talk_help)
    return parser.parse_args(arguments)


def refuse_nonsense(options: argparse.Namespace) -> None:
    """Refuse values that cannot work, before anything is trained."""
    steps, words, temperature = options.steps, options.words, options.temperature
    if steps is not None and steps < 1:
        raise Refusal(f"--steps must be at least 1, got {steps}: try --steps {STORY_STEPS}.")
    if words < 1:
        raise Refusal(f"--words must be at least 1, got {words}: try --words 10.")
    if not temperature >= 0:
        raise Refusal(f"--temperature must be 0 or above, got {temperature}: try 0.8.")
    if not 0 <= options.seed < 2**63:
        raise Refusal(f"--seed must be 0 to 2**63 - 1, got {options.seed}: try --seed {SEED}.")
    if options.prompt == "":
        raise Refusal('--prompt must hold at least 1 character, got 0: try --prompt "hello".')
    if options.talk and options.text:
        raise Refusal("--talk does not train, and --text does: run one, then the other.")


class Progress:
    """Shows step, loss, steps per second and the time left, on one line that renews itself.

    Args:
        steps: how many steps there will be.
    """

    def __init__(self, steps: int):
        self.steps = steps
        self.done = 0
        self.started = time.monotonic()
        self.live = sys.stdout.isatty()

    def __call__(self, step: int, loss: float) -> None:
        """Show a step. Where the line cannot renew itself, ten lines in all are enough."""
        # A trainer may count its steps from 0 or from 1, so count them here.
        self.done += 1
        if not self.live and self.done % max(1, self.steps // 10) and self.done != self.steps:
            return
        rate = self.done / max(time.monotonic() - self.started, 1e-9)
        left = (self.steps - self.done) / rate
        line = f"step {self.done:,}/{self.steps:,}   loss {loss:.3f}   {rate:.1f} steps/s"
        line += f"   {left:.0f} s left" if left < 100 else f"   {left / 60:.0f} min left"
        print(f"\r{line:<70}" if self.live else line, end="" if self.live else "\n", flush=True)


def read(path: Path) -> str:
    """Read a text of the learner's, at least one window long."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Refusal(f"There is no file {path}: look at the name.") from None
    except UnicodeDecodeError as error:
        wrong = f"{path} must be UTF-8 text, but byte {error.start} is not"
        raise Refusal(f"{wrong}: save it as UTF-8.") from None
    if len(text) <= WINDOW:
        wrong = f"{path} must hold at least {WINDOW + 1} characters, got {len(text)}"
        raise Refusal(f"{wrong}: use a longer text.")
    return text


def steps_for(text: str) -> int:
    """Return how many steps to take on a text of the learner's, by its length.

    Measured on the first 10 KB, 100 KB and 1 MB of tiny Shakespeare: a part that the model has not
    seen is guessed best after about 200, 1,500, and more than 3,000 steps. A thousand steps take
    about a minute.
    """
    return min(max(STORY_STEPS, round(3 * len(text) ** 0.5 / 100) * 100), MOST_STEPS)


def learn(text: str, steps: int, seed: int, sizes: dict) -> tuple:
    """Train a fresh model on a text. Returns the model and its tokenizer."""
    import torch

    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.trainer import train
    from mini_gpt.transformer import MiniGPT

    tokenizer = CharTokenizer(text)
    ids = torch.tensor(tokenizer.encode(text), dtype=torch.int64)
    torch.manual_seed(seed)
    model = MiniGPT(vocab_size=tokenizer.vocab_size, **sizes)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(f"{len(ids):,} characters, {tokenizer.vocab_size} ids, {parameters:,} parameters")
    progress = Progress(steps)
    try:
        losses = train(model, ids, steps=steps, block_size=WINDOW, seed=seed, on_step=progress)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f" {MODEL_FILE.name} is as it was before.") from None
    print("\n" if progress.live else "", end="")
    print(f"Loss decreased from {losses[0]:.2f} to {losses[-1]:.2f}")
    return model, tokenizer


def save(model, tokenizer) -> None:
    """Save a model. A model of another text is moved out of its way."""
    from mini_gpt.trainer import load_checkpoint, save_checkpoint

    kept = keep_other_model(MODEL_FILE, tokenizer.vocab, load_checkpoint)
    if kept:
        print(f"The model that was in {MODEL_FILE.name} is now in {kept.name}")
    save_checkpoint(MODEL_FILE, model, tokenizer)
    print(f"Model saved to {MODEL_FILE.name}")


def summary(error: Exception) -> str:
    """Return what an error says, in one line."""
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def load() -> tuple:
    """Load the model that there is. Returns the model and its tokenizer."""
    from mini_gpt.trainer import load_checkpoint

    if not MODEL_FILE.exists():
        raise Refusal(f"There is no file {MODEL_FILE}: run python -m mini_gpt to train one.")
    try:
        return load_checkpoint(MODEL_FILE)
    except (NotImplementedError, SyntaxError, ImportError):
        raise  # the file is not to blame
    except Exception as error:
        hint = "Run python -m mini_gpt to train another."
        raise Refusal(f"{MODEL_FILE.name} cannot be used. {hint} ({summary(error)})") from error


def talk(options: argparse.Namespace, model, tokenizer, prompt: str | None) -> None:
    """Continue a prompt. Without one, continue each line that is typed, until an empty one."""
    import torch

    from mini_gpt.sampler import generate_words

    generator = torch.Generator().manual_seed(options.seed)
    how = (options.words, options.temperature, generator)
    if prompt:
        print(f"\n{generate_words(model, tokenizer, prompt, *how)}")
        return
    print("Type a beginning, and press Enter. An empty line ends the conversation.")
    try:
        while line := input("\n> "):
            print(generate_words(model, tokenizer, line, *how))
    except (EOFError, KeyboardInterrupt):
        print()


def train_and_talk(options: argparse.Namespace) -> None:
    """Train on the story or on a text of the learner's, save the model, and let it talk once."""
    if options.text is None:
        text, steps, sizes, prompt = TRAINING_TEXT, STORY_STEPS, {}, "Once upon"
    else:
        text = read(options.text)
        # A place that was never trained knows nothing, so have no more of them than one window.
        steps, sizes, prompt = steps_for(text), {"block_size": WINDOW}, text[:10]
        print(EXPECT)
    model, tokenizer = learn(text, options.steps or steps, options.seed, sizes)
    save(model, tokenizer)
    talk(options, model, tokenizer, options.prompt or prompt)


def run(options: argparse.Namespace) -> None:
    """Do what the command line asks for."""
    refuse_nonsense(options)
    import torch

    # One thread is as fast for a model this small, and much faster where the cores are busy.
    torch.set_num_threads(1)
    if options.talk:
        talk(options, *load(), options.prompt)
    else:
        train_and_talk(options)


def explain(error: Exception) -> str:
    """Say in one line what went wrong, and in which line of the learner's modules."""
    if isinstance(error, NotImplementedError):
        return f"Not written yet: {error}. Its check says what is missing."
    if isinstance(error, Refusal | OSError):
        return f"{error}"
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        places.append((error.filename, error.lineno))
    file, line = [place for place in places if Path(place[0]).parent.name in MODULES][-1]
    return f"{Path(file).name}:{line}: {summary(error)}. Its check explains more."


def main(arguments: list[str] | None = None) -> int:
    """Train, save and talk. Returns 0, or 1 after a mistake that is explained in one line."""
    for stream in (sys.stdin, sys.stdout):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        is_command = bool(arguments) and arguments[0] in commands.NAMES
        commands.run(arguments) if is_command else run(parse(arguments))
    except KeyboardInterrupt as stopped:
        print(f"\nStopped.{stopped}")
        return 1
    except Exception as error:
        print(explain(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
