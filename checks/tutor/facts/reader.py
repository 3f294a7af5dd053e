"""A model that reads a text: how likely it finds each right answer is known before."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from tutor.facts.lab import Lab
from tutor.facts.stand_ins import Probe, seeded
from tutor.facts.tensors import distance
from tutor.facts.words import Wrong, expect_equal, expect_type

V = 16
"""How many ids the reader knows."""


def counting(n: int) -> list[int]:
    """Make n ids that count, and begin again after the last one."""
    return [id % V for id in range(n)]


def some_ids(n: int, seed: int = 3) -> list[int]:
    """Make n ids that follow no rule."""
    return torch.randint(V, (n,), generator=seeded(seed)).tolist()


def by_place(ids: Tensor, steps: int = 0) -> Tensor:
    """Choose a chance for each id that depends on its window: on its place, and on the first id."""
    places = torch.arange(ids.shape[1])
    return 0.05 + 0.9 * ((ids[:, :1] * 7 + places * 3 + ids * 5) % 11) / 11


def make_reader(chance: Callable[[Tensor, int], Tensor] = by_place) -> torch.nn.Module:
    """Make a model that gives a known probability to the id that is one larger.

    Args:
        chance: from the ids (B, T), and the number of training steps so far, to the probabilities
            (B, T). So it is in eval mode. In train mode, a table is learned.
    """

    class Reader(torch.nn.Module):
        rows, modes, gradients, told, tables = [], [], [], [], []  # shared with any copy of it

        def __init__(self):
            super().__init__()
            self.config = {"vocab_size": V, "block_size": 1000}
            self.table = torch.nn.Parameter(torch.zeros(V, V))
            self.inner = torch.nn.Identity()

        def forward(self, ids):
            self.rows.append(ids.tolist())
            self.modes.append(self.training)
            self.gradients.append(torch.is_grad_enabled())
            following = (ids + 1) % V
            if self.training:
                found = torch.log_softmax(self.table[ids].detach(), dim=-1)
                self.told.append(-float(found.gather(-1, following[..., None]).mean()))
                self.tables.append(self.table.detach().clone())
                return self.table[ids]
            right = chance(ids, len(self.told))[..., None]
            return torch.where(one_hot(following, V) > 0, right, (1 - right) / (V - 1)).log()

    return Reader().eval()


def losses_of(ids: list[int], block_size: int, chance: Callable = by_place) -> list[list[float]]:
    """Say slowly which loss each answer has in eval mode: a list for each window."""
    windows = []
    for start in range(0, len(ids) - 1, block_size):
        shown = ids[start : min(start + block_size, len(ids) - 1)]
        window = []
        for place, p in enumerate(chance(torch.tensor([shown]))[0].tolist()):
            hit = ids[start + place + 1] == (ids[start + place] + 1) % V
            window.append(-math.log(p if hit else (1 - p) / (V - 1)))
        windows.append(window)
    return windows


def mean(numbers: list[float]) -> float:
    """Return the mean."""
    return sum(numbers) / len(numbers)


def expect_number(called: str, got: object, right: float, causes: dict | None = None) -> None:
    """Expect a float that is equal but for rounding. The causes lead to wrong numbers."""
    if not isinstance(got, float):
        expect_type(called, got, float if got is None else type(got))
        likely = "loss.item() makes a number of a tensor" if hasattr(got, "item") else ""
        raise Wrong(called, "a float", f"a {type(got).__name__}", likely)
    if not abs(got - right) < 1e-4 * max(1, abs(right)):
        likely = [cause for cause, wrong in (causes or {}).items() if abs(wrong - got) < 1e-4]
        raise Wrong(called, f"{right:.4f}", f"{got:.4f}", *likely[:1])


def expect_loss(
    called: str, got: object, windows: list[list[float]], others: dict | None = None
) -> None:
    """Expect the mean of all losses in these windows. The others are more causes, as above."""
    every = sum(windows, [])
    whole = sum((window for window in windows if len(window) == len(windows[0])), [])
    causes = {
        "the mean of the windows is taken; each answer must count alike": mean(
            [mean(window) for window in windows]
        ),
        "the last, shorter window is left out": mean(whole),
        "the last window is left out, but its answers are counted": sum(whole) / len(every),
        "the sum is divided by the number of ids; there is one answer less": sum(every)
        / (len(every) + 1),
        "the sum is not divided": sum(every),
        "the sum is divided by the number of windows": sum(every) / len(windows),
        "this is in bits; nats are wanted": mean(every) / math.log(2),
        "the sign is the wrong way round": -mean(every),
    }
    expect_number(called, got, mean(every), causes | (others or {}))


def learn(lab: Lab, model: torch.nn.Module, **options: object) -> list:
    """Train a model on ids that count, unless options say otherwise. Return the history."""
    given = {"steps": 4, "batch_size": 3, "block_size": 5, "learning_rate": 0.1, "seed": 1}
    given |= {"train_ids": counting(90), "val_ids": some_ids(30)} | options
    given = {name: value for name, value in given.items() if value is not None}
    shown = {name: value for name, value in options.items() if name in given and "ids" not in name}
    told = [f", {name}={'...' if callable(value) else value}" for name, value in shown.items()]
    lab.calls(f"train_on_book(model, train_ids, val_ids{''.join(told)})")
    texts = given.pop("train_ids"), given.pop("val_ids")
    return lab.module.train_on_book(model, *texts, **given)


def batches(reader: torch.nn.Module) -> list[list[list[int]]]:
    """Return the batches that a reader was trained with."""
    return [rows for rows, training in zip(reader.rows, reader.modes) if training]


def expect_measuring(called: str, reader: torch.nn.Module) -> None:
    """Expect that all a reader was used for was to measure."""
    if any(reader.modes):
        raise Wrong(called, "it measures in eval mode", "it measures in train mode")
    if any(reader.gradients):
        likely = "torch.no_grad() is missing"
        raise Wrong(called, "no gradients are kept", "gradients are kept", likely)


def expect_restored(called: str, reader: torch.nn.Module, training: bool) -> None:
    """Expect that a reader is in the mode that it was in, and that gradients are on."""
    if not torch.is_grad_enabled():
        torch.set_grad_enabled(True)
        raise Wrong(called, "gradients on again afterwards", "they stay off, for everyone")
    if reader.training != training or reader.inner.training != training:
        names = {True: "train mode", False: "eval mode"}
        raise Wrong(called, f"{names[training]} again afterwards", names[not training])


def expect_windows(called: str, reader: torch.nn.Module, ids: list[int], block_size: int) -> None:
    """Expect that a reader saw each window once. The last one may be filled up."""
    ends, seen = len(ids) - 1, sum(reader.rows, [])
    right = [ids[k : min(k + block_size, ends)] for k in range(0, ends, block_size)]
    short = right[-1]
    cut = [row[: len(short)] if row not in right else row for row in seen]
    got = [row if part != short else part for row, part in zip(seen, cut)]
    if sorted(got) != sorted(right) or max(map(len, seen), default=0) > block_size:
        overlapping = [ids[k : k + block_size] for k in range(len(ids) - block_size)]
        causes = {
            "the last, shorter window is left out": right[:-1],
            "the windows overlap; each begins where the one before it ended": overlapping,
        }
        likely = [cause for cause, wrong in causes.items() if wrong == seen]
        raise Wrong(f"{called}: the windows that the model sees", right, seen, *likely)


def expect_steps_and_looks(called: str, reader: torch.nn.Module, looked_at: int) -> None:
    """Expect train mode and gradients in steps, and neither in looks, which see one id only."""
    for rows, mode, gradients in zip(reader.rows, reader.modes, reader.gradients):
        looks = set(sum(rows, [])) <= {0, looked_at}  # 0 may fill up a window
        if looks in (mode, gradients):
            expected = "eval mode and no gradients" if looks else "train mode and gradients"
            got = f"{'train' if mode else 'eval'} mode, gradients {'on' if gradients else 'off'}"
            raise Wrong(f"{called}: a {'look' if looks else 'step'}", expected, got)


def expect_looks(called: str, history: object, right: list[int], every: int) -> None:
    """Expect looks after the right steps, each with two losses."""
    expect_type(called, history, list)
    for look in history:
        if not isinstance(look, tuple | list) or len(look) != 3:
            raise Wrong(called, "a list of (step, train_loss, val_loss)", history)
        expect_number(f"{called}: train_loss", look[1], look[1])
    causes = {
        "there is no look after the last step": [n for n in right if n % every == 0],
        "the steps are counted from 0": [n - 1 for n in right],
        "after the last step there are two looks": [*right, right[-1]],
        "there is a look before the first step": [0, *right],
    }
    expect_equal(f"{called}: the steps of the looks", [n for n, *_ in history], right, causes)


def expect_moved(called: str, probe: Probe, steps: int) -> float:
    """Expect that the weights moved, each step by its own gradients. Return how far."""
    moved = float(probe.table.detach().abs().max())
    if not moved > 0:
        likely = "the weights from before the training came back" if probe.lessons else ""
        raise Wrong(called, "the model's weights move", "they stay as they were", likely)
    if len(probe.left_over) == steps and max(probe.left_over) > 1e-7:
        likely = "gradients are never set to zero, so they add up"
        raise Wrong(called, "the gradients of this step alone", "others are added", likely)
    return moved


def expect_further(called: str, moved: dict[float, float]) -> None:
    """Expect that weights moved much further with the larger learning rate."""
    (small, short), (large, far) = sorted(moved.items())
    if far < 5 * short:
        called = f"{called} with learning_rate {small} and with {large}"
        got = f"they moved {short:.4f} and {far:.4f}"
        raise Wrong(called, f"weights that move much further with {large}", got)


def expect_best(
    called: str, reader: torch.nn.Module, val_losses: list[float], tables: list[Tensor]
) -> None:
    """Expect the weights of the look with the lowest loss, and that each look changed nothing.

    Args:
        called: what was done.
        reader: it was trained, and looked at after each second step.
        val_losses: the losses of the looks.
        tables: what the reader had learned at each look.
    """
    for number, (table, after) in enumerate(zip(tables, reader.tables[2::2]), 1):
        if distance(table, after) > 0:
            got = "the next step begins with other ones"
            likely = "load the best weights behind the loop, once"
            raise Wrong(f"{called}: after look {number}", "the weights it had", got, likely)
    best = val_losses.index(min(val_losses))
    same = [n for n, table in enumerate(tables) if distance(table, reader.table.detach()) == 0]
    called = f"{called}: the weights at the end"
    if best in same:
        return
    likely = ""
    if same and val_losses[same[0]] == val_losses[best]:
        likely = "of two equal looks, the later one is taken"
    elif same == [len(val_losses) - 1]:
        likely = "the last weights stay: load the best, and remember a copy of them"
    got = f"those of look {same[0] + 1}" if same else "those of no look"
    raise Wrong(called, f"those of look {best + 1}", got, likely)
