"""Train a small GPT and let it talk: python -m mini_gpt.

By default it trains on the story. With --text FILE it trains on a text of yours.
"""

import argparse
import sys
import time
from pathlib import Path

import torch

from mini_gpt.paths import MODEL_FILE, keep_other_model
from mini_gpt.sampler import generate_words
from mini_gpt.story import SEED, TRAINING_TEXT
from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.trainer import load_checkpoint, save_checkpoint, train
from mini_gpt.transformer import MiniGPT


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m mini_gpt", description=__doc__)
    parser.add_argument("--text", type=Path, metavar="FILE", help="train on this text (UTF-8)")
    parser.add_argument("--steps", type=int, default=100, help="training steps, default 100")
    parser.add_argument("--prompt", default="Once upon", help='default "Once upon"')
    parser.add_argument("--words", type=int, default=10, help="words to add, default 10")
    parser.add_argument("--temperature", type=float, default=0.8, help="0 or above, default 0.8")
    parser.add_argument("--seed", type=int, default=SEED, help=f"default {SEED}")
    parser.add_argument(
        "--talk",
        action="store_true",
        help=f"do not train, talk with the {MODEL_FILE.name} there is",
    )
    return parser.parse_args(arguments)


class Progress:
    """Shows step, loss, steps per second and the time left, on one line that renews itself.

    Args:
        steps: how many steps there will be.
    """

    def __init__(self, steps: int):
        self.steps = steps
        self.started = time.monotonic()
        self.live = sys.stdout.isatty()

    def __call__(self, step: int, loss: float) -> None:
        """Show a step. Where the line cannot renew itself, ten lines in all are enough."""
        if not self.live and step % max(1, self.steps // 10) and step != self.steps:
            return
        rate = step / max(time.monotonic() - self.started, 1e-9)
        left = (self.steps - step) / rate
        line = f"step {step:,}/{self.steps:,}   loss {loss:.3f}   {rate:.1f} steps/s"
        line += f"   {left:.0f} s left"
        print(f"\r{line:<70}" if self.live else line, end="" if self.live else "\n", flush=True)


def train_and_save(options: argparse.Namespace) -> tuple:
    """Train a fresh model on the text, and save it. Returns the model and its tokenizer."""
    text = options.text.read_text(encoding="utf-8") if options.text else TRAINING_TEXT
    if not text:
        raise ValueError(f"{options.text} must hold a text to train on, but it is empty")
    tokenizer = CharTokenizer(text)
    ids = torch.tensor(tokenizer.encode(text), dtype=torch.int64)
    torch.manual_seed(options.seed)
    model = MiniGPT(vocab_size=tokenizer.vocab_size)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print(f"{len(ids):,} characters, {tokenizer.vocab_size} ids, {parameters:,} parameters")
    progress = Progress(options.steps)
    losses = train(model, ids, steps=options.steps, seed=options.seed, on_step=progress)
    print("\n" if progress.live else "", end="")
    print(f"Loss decreased from {losses[0]:.2f} to {losses[-1]:.2f}")
    kept = keep_other_model(MODEL_FILE, tokenizer.vocab, load_checkpoint)
    if kept:
        print(f"The model that was in {MODEL_FILE.name} is now in {kept.name}")
    save_checkpoint(MODEL_FILE, model, tokenizer)
    print(f"Model saved to {MODEL_FILE.name}")
    return model, tokenizer


def talk(options: argparse.Namespace, model, tokenizer) -> None:
    """Continue the prompt."""
    generator = torch.Generator().manual_seed(options.seed)
    text = generate_words(
        model, tokenizer, options.prompt, options.words, options.temperature, generator
    )
    print(f"\n{text}")


def main(arguments: list[str] | None = None) -> int:
    """Train, save and talk. Returns 0, or 1 after a mistake that is explained in one line."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    options = parse(arguments)
    # One thread is as fast for a model this small, and much faster where the cores are busy.
    torch.set_num_threads(1)
    try:
        model, tokenizer = load_checkpoint(MODEL_FILE) if options.talk else train_and_save(options)
        talk(options, model, tokenizer)
    except KeyboardInterrupt:
        print(f"\nStopped. {MODEL_FILE.name} is as it was before.")
        return 1
    except FileNotFoundError as error:
        hint = "run python -m mini_gpt to train one" if options.talk else "look at the name"
        print(f"There is no file {error.filename}: {hint}.", file=sys.stderr)
        return 1
    except UnicodeDecodeError as error:
        print(f"{options.text} must be UTF-8 text, but byte {error.start} is not.", file=sys.stderr)
        return 1
    except NotImplementedError as error:
        print(f"Not written yet: {error}. Its check says what is missing.", file=sys.stderr)
        return 1
    except (ValueError, OSError) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
