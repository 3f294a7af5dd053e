"""Compare ways to choose the next token, for a model of a book: the tables of page 8.

python tools/decoding_table.py TEXT       how likely and how varied texts of a book are: minutes
python tools/decoding_table.py --story    how often a search is right, where one text is right
python tools/decoding_table.py --times    how long each width of a search takes

A small model learns from the first nine tenths of the text, 500 steps. Then it goes on after places
of the rest, in each of the ways. The story is the one of loops 1 to 4, and the models have learned
it for 30 steps. What stands in [ ] is the range in which 95 % of 2,000 bootstrap samples lie.
"""

import argparse
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:1] = [str(ROOT)]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import Tensor  # noqa: E402

from mini_gpt.story import STORY, TRAINING_TEXT  # noqa: E402
from mini_gpt.support.speaking.samplers import Sampler, chosen  # noqa: E402
from mini_gpt.support.training.training import Options, Training  # noqa: E402
from scaffolds.reference.beam_search import beam_search, next_log_probabilities  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.trainer import train  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402

STEPS, BLOCK_SIZE = 500, 64
PLACES, BEFORE, LENGTH = 40, 32, 120  # how many texts, and characters given and written in each
SEEDS, STORY_STEPS = range(11, 15), 30
GIVEN, ASKED = 5, 12  # characters of the story
BEAMS = (2, 4, 8, 16)
DRAWN = {
    "temperature 1": (1.0, chosen(None, None, None)),
    "temperature 0.7": (0.7, chosen(None, None, None)),
    "top-k 10": (1.0, chosen(10, None, None)),
    "top-p 0.9": (1.0, chosen(None, 0.9, None)),
    "min-p 0.1": (1.0, chosen(None, None, 0.1)),
}


def trained(text: str, tokenizer: CharTokenizer) -> MiniGPT:
    """Train a small model on a text."""
    torch.manual_seed(Options().seed)
    model = MiniGPT(vocab_size=tokenizer.vocab_size, block_size=BLOCK_SIZE)
    training = Training(model, tokenizer, Options(steps=STEPS))
    ids = torch.tensor(tokenizer.encode(text))
    for _ in range(STEPS):
        training.learn(ids)
    return model.eval()


def draw_all(model: MiniGPT, ids: Tensor, temperature: float, samplers: list[Sampler]) -> Tensor:
    """Continue several texts of one length by lot: (B, T) to (B, T + LENGTH)."""
    chance = np.random.default_rng(8)
    for _ in range(LENGTH):
        log_p = next_log_probabilities(model, ids).double() / temperature
        new = []
        for odds in torch.softmax(log_p, dim=-1).numpy():
            for keep in [sampler(odds) for sampler in samplers]:
                odds[~keep] = 0
            new.append(chance.choice(len(odds), p=odds / odds.sum()))
        ids = torch.cat([ids, torch.tensor(new)[:, None]], dim=1)
    return ids


def search_all(model: MiniGPT, ids: Tensor, n_beams: int) -> Tensor:
    """Continue several texts by their most likely continuation that a beam search finds."""
    return torch.cat([beam_search(model, row[None], LENGTH, n_beams)[0][0] for row in ids])


def log_probabilities(model: MiniGPT, ids: Tensor) -> np.ndarray:
    """Return ln p per written character of each text."""
    total = torch.zeros(len(ids))
    for place in range(ids.shape[1] - LENGTH, ids.shape[1]):
        log_p = next_log_probabilities(model, ids[:, :place])
        total += log_p.gather(1, ids[:, place : place + 1])[:, 0]
    return total.numpy() / LENGTH


def distinct(text: str, n: int) -> float:
    """Return how many of the runs of n words in a text are different ones (Li et al. 2016)."""
    words = text.split()
    runs = [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]
    return len(set(runs)) / max(1, len(runs))


def interval(values: np.ndarray, form: str) -> str:
    """Write a mean, and the range of the means of 2,000 bootstrap samples (Efron 1979)."""
    chance = np.random.default_rng(0)
    values = np.asarray(values, dtype=float)
    means = values[chance.integers(len(values), size=(2000, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{values.mean():{form}} [{low:{form}}, {high:{form}}]"


def table_of_texts(model: MiniGPT, tokenizer: CharTokenizer, unseen: str) -> None:
    """Print how likely and how varied the texts are that each way writes."""
    starts = [match.start() for match in re.finditer(r"(?<=\s)\w", unseen[: -BEFORE - LENGTH])]
    chance = np.random.default_rng(1)
    cut = [
        unseen[start : start + BEFORE + LENGTH] for start in chance.choice(starts, PLACES, False)
    ]
    real = torch.tensor([tokenizer.encode(text) for text in cut])
    given = real[:, :BEFORE]
    ways = {"the book itself": lambda: real, "greedy": lambda: search_all(model, given, 1)}
    ways |= {f"{n} beams": lambda n=n: search_all(model, given, n) for n in BEAMS}
    ways |= {name: lambda how=how: draw_all(model, given, *how) for name, how in DRAWN.items()}
    print("| written by | ln p per character | distinct-1 | distinct-2 | an example |")
    print("|---|---:|---:|---:|---|")
    with torch.no_grad():
        for name, write in ways.items():
            ids = write()
            texts = [tokenizer.decode(row.tolist()) for row in ids[:, BEFORE:]]
            columns = [interval(log_probabilities(model, ids), ".2f")]
            columns += [interval([distinct(text, n) for text in texts], ".2f") for n in (1, 2)]
            example = " ".join(texts[0].split())[:40]
            print("|", " | ".join([name, *columns, f"`{example}`"]), "|", flush=True)


def table_of_story() -> None:
    """Print how often a search goes on with the story as it is, for models that half know it."""
    tokenizer, T = CharTokenizer(STORY), len(STORY)
    assert len({(2 * STORY)[start : start + GIVEN] for start in range(T)}) == T  # one right answer
    right = {n: [] for n in (1, *BEAMS)}
    for seed in SEEDS:
        torch.manual_seed(seed)
        model = MiniGPT(vocab_size=tokenizer.vocab_size)
        train(model, torch.tensor(tokenizer.encode(TRAINING_TEXT)), steps=STORY_STEPS, seed=seed)
        for start in range(T):
            whole = torch.tensor([tokenizer.encode((2 * STORY)[start : start + GIVEN + ASKED])])
            for n, found in right.items():
                text = beam_search(model, whole[:, :GIVEN], ASKED, n)[0][0]
                found.append(100 * torch.equal(text, whole))
    print("| beams | texts right, % | more than greedy, % |\n|---:|---:|---:|")
    for n, found in right.items():
        more = np.array(found) - np.array(right[1])
        print(f"| {n} | {interval(found, '.0f')} | {interval(more, '.0f')} |")


def table_of_times(model: MiniGPT) -> None:
    """Print how long each width takes for one text, in processor seconds: the best of three."""
    least = dict.fromkeys((1, *BEAMS), float("inf"))
    for _ in range(3):
        for n in least:
            begin = time.process_time()
            search_all(model, torch.zeros(1, BEFORE, dtype=torch.int64), n)
            least[n] = min(least[n], time.process_time() - begin)
    print(f"| beams | seconds for {LENGTH} characters |\n|---:|---:|")
    for n, seconds in least.items():
        print(f"| {n} | {seconds:.2f} |")


def main() -> None:
    """Print the table that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=Path, nargs="?")
    parser.add_argument("--story", action="store_true")
    parser.add_argument("--times", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.story:
        table_of_story()
    if options.times:
        table_of_times(MiniGPT(vocab_size=68, block_size=BLOCK_SIZE))  # as for the book
    if options.text:
        whole = options.text.read_text(encoding="utf-8")
        text, unseen = whole[: int(len(whole) * 0.9)], whole[int(len(whole) * 0.9) :]
        tokenizer = CharTokenizer(whole)
        table_of_texts(trained(text, tokenizer), tokenizer, unseen)


if __name__ == "__main__":
    main()
