"""Compare characters with longer tokens: the same text, the same model, the same processor time.

python tools/compare_tokenizers.py TEXT                    60 seconds for each
python tools/compare_tokenizers.py TEXT --seconds 10       less

The models take turns, so that whatever else the machine does slows all of them alike. Each learns
from the first nine tenths of the text, and is judged by the rest, per character.
"""

import argparse
import math
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import torch  # noqa: E402

from mini_gpt.support.training.prepare import per_character  # noqa: E402
from mini_gpt.support.training.training import Options, Training  # noqa: E402
from scaffolds.reference.bpe import BPETokenizer  # noqa: E402
from scaffolds.reference.corpus import evaluate  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402

BLOCK_SIZE = 64
TURN = 10  # steps
SIZES = (300, 512, 1024)
SHARE = 0.9
ENDLESS = 10**6
"""Nobody knows how many steps there will be, so their size does not shrink at the end."""


class Runner:
    """One of the models, and the processor time that it has had.

    Args:
        name: what the table calls it.
        tokenizer: its tokenizer.
        text: what it learns from.
        unseen: what it is judged by.
    """

    def __init__(self, name: str, tokenizer: object, text: str, unseen: str):
        self.name = name
        self.tokenizer = tokenizer
        self.ids = torch.tensor(tokenizer.encode(text))
        self.unseen = torch.tensor(tokenizer.encode(unseen))
        self.characters = len(text) / len(self.ids)  # per token
        torch.manual_seed(Options().seed)
        model = MiniGPT(vocab_size=tokenizer.vocab_size, block_size=BLOCK_SIZE)
        self.training = Training(model, tokenizer, Options(steps=ENDLESS))
        self.seconds = 0.0

    def take_turn(self) -> None:
        """Take a few steps."""
        begin = time.process_time()
        for _ in range(TURN):
            self.training.learn(self.ids)
        self.seconds += time.process_time() - begin

    def row(self) -> str:
        """Return the row of the table."""
        loss = evaluate(self.training.model, self.unseen, BLOCK_SIZE)
        nats = per_character(loss, self.tokenizer, self.unseen)
        steps = self.training.step
        read = steps * Options().batch_size * BLOCK_SIZE * self.characters / 1e6
        parameters = sum(parameter.numel() for parameter in self.training.model.parameters())
        return (
            f"| {self.name} | {parameters:,} | {self.characters:.2f} | {steps:,} | {read:.1f} "
            f"| {loss:.3f} | {nats:.3f} | {nats / math.log(2):.2f} |"
        )


def main() -> None:
    """Train all models in turns, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path)
    parser.add_argument("--seconds", type=float, default=60, help="for each model, default 60")
    options = parser.parse_args()
    torch.set_num_threads(1)
    whole = options.text.read_text(encoding="utf-8")
    text, unseen = whole[: int(len(whole) * SHARE)], whole[int(len(whole) * SHARE) :]
    runners = [Runner("characters", CharTokenizer(whole), text, unseen)]
    largest = BPETokenizer.train(text, max(SIZES))
    for size in SIZES:
        tokenizer = BPETokenizer(largest.merges[: size - 259])
        runners.append(Runner(f"BPE, {size:,} ids", tokenizer, text, unseen))
    while (runner := min(runners, key=lambda runner: runner.seconds)).seconds < options.seconds:
        runner.take_turn()
    print(f"{options.seconds:.0f} processor seconds each, {BLOCK_SIZE} tokens at a time\n")
    print("| tokens | parameters | characters per token | steps | million characters read ", end="")
    print("| nats per token | nats per character | bits per character |\n|---" + "|---:" * 7 + "|")
    for runner in runners:
        print(runner.row())


if __name__ == "__main__":
    main()
