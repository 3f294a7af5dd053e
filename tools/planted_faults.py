"""Some thirty faults to plant into a training, to see whether its verdict finds them.

Each is a function that spoils a Case. Those of models are in faults_of_models.py, and those of
learning and of texts are here.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from mini_gpt.support.training import training as loop
from scaffolds.reference import corpus
from tools.faults_of_models import (
    Case,
    attention,
    block,
    frozen,
    future,
    joined_wrongly,
    late_input,
    masked,
    mixed_texts,
    nothing,
    without_places,
)

COSTS, SURPRISE = loop.cross_entropy, corpus.surprise


def only_vectors(case: Case) -> None:
    """Forget to hand the matrices to the optimizer."""
    vectors = [p for p in case.model.parameters() if p.ndim == 1]
    case.training.optimizers = [torch.optim.AdamW([{"params": vectors, "initial_lr": 4e-3}])]


def rate(times: float) -> Callable[[Case], None]:
    """Make a fault in which all steps are too large or too small."""

    def plant(case: Case) -> None:
        for optimizer in case.training.optimizers:
            for group in optimizer.param_groups:
                group["initial_lr"] *= times

    return plant


def before_each_step(action: Callable[[Case], object]) -> Callable[[Case], None]:
    """Make a fault in which something happens before each step."""

    def plant(case: Case) -> None:
        move = case.training.move

        def spoiled() -> None:
            action(case)
            move()

        case.training.move = spoiled

    return plant


def turn(case: Case) -> None:
    """Turn all gradients round."""
    for parameter in case.model.parameters():
        parameter.grad.neg_()


@torch.no_grad()
def shrink(case: Case) -> None:
    """Make all weights smaller, by 1 %."""
    for parameter in case.model.parameters():
        parameter.mul_(0.99)


@torch.no_grad()
def shake(case: Case) -> None:
    """Add noise to all weights."""
    for parameter in case.model.parameters():
        parameter.add_(torch.randn_like(parameter), alpha=0.03)


def never_zeroed(case: Case) -> None:
    """Let gradients add up for ever."""
    case.model.zero_grad = lambda: None


def costs(spoil: Callable[[Tensor, Tensor], tuple]) -> Callable[[Case], None]:
    """Make a fault in which the loss is taken of something else."""

    def plant(case: Case) -> None:
        loop.cross_entropy = lambda logits, answers: COSTS(*spoil(logits, answers))

    return plant


def shuffled(logits: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
    """Compare each guess with the answer to another."""
    return logits, answers[torch.randperm(len(answers))]


def half_noise(logits: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
    """Replace half of the answers by any ids."""
    noise = torch.randint(logits.shape[-1], answers.shape)
    return logits, torch.where(torch.rand(len(answers)) < 0.5, noise, answers)


def no_shift(logits: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
    """Compare each guess with the letter that the model sees there."""
    return logits[1:], answers[:-1]


def no_shift_anywhere(case: Case) -> None:
    """Forget the shift while learning, and while looking too."""
    costs(no_shift)(case)
    corpus.surprise = lambda model, x, y: SURPRISE(model, x, torch.where(y < 0, y, x))


def unseen_in_training(case: Case) -> None:
    """Learn from the whole text."""
    case.train_ids = np.concatenate([case.train_ids, case.val_ids])


def looks_at_training(case: Case) -> None:
    """Take the training text for the unseen one."""
    case.val_ids = case.train_ids


def same_batch(case: Case) -> None:
    """Draw the same windows for each step."""
    before_each_step(lambda case: case.training.generator.manual_seed(1))(case)


def few_windows(case: Case) -> None:
    """Learn from the first 1,000 ids only."""
    learn = case.training.learn
    case.training.learn = lambda ids: learn(ids[:1000])


def capitals_unknown(case: Case) -> None:
    """Make the tokenizer forget all capitals."""
    capitals = [i for i, letter in enumerate(case.training.tokenizer.vocab) if letter.isupper()]
    for name in ("train_ids", "val_ids"):
        ids = np.array(getattr(case, name))
        ids[np.isin(ids, capitals)] = 1
        setattr(case, name, ids)


FAULTS: dict[str, Callable[[Case], None]] = {
    "no mask": masked(nothing),
    "the mask begins one too late": masked(lambda ones: ones.triu(2)),
    "softmax over the queries": masked(future, dim=-2),
    "all scores equal": masked(future, lambda scores, D: scores * 0),
    "scores multiplied by D": masked(future, lambda scores, D: scores * D**1.5),
    "attention hands over nothing": attention(lambda q, k, v: v * 0),
    "attention hands over itself only": attention(lambda q, k, v: v),
    "heads joined wrongly": joined_wrongly,
    "texts of a batch mixed": mixed_texts,
    "each letter shown one place too late": late_input,
    "no skip connections": block(lambda b, x: b.mlp(b.norm_2(b.attention(b.norm_1(x))))),
    "blocks do nothing": block(lambda b, x: x),
    "no positions": without_places,
    "position embedding frozen": frozen("position_embedding"),
    "one block frozen": frozen("blocks.0"),
    "all blocks frozen": frozen("blocks"),
    "head frozen": frozen("head"),
    "matrices not in the optimizer": only_vectors,
    "learning rate 100 times too large": rate(100),
    "learning rate 100 times too small": rate(0.01),
    "gradients turned round": before_each_step(turn),
    "gradients never zeroed": never_zeroed,
    "weights shrink at each step": before_each_step(shrink),
    "noise on the weights": before_each_step(shake),
    "labels shuffled": costs(shuffled),
    "half of the labels are noise": costs(half_noise),
    "no shift": costs(no_shift),
    "no shift, and none while looking": no_shift_anywhere,
    "validation text in training": unseen_in_training,
    "training text as validation text": looks_at_training,
    "the same batch again and again": same_batch,
    "the first 1,000 letters only": few_windows,
    "capitals unknown": capitals_unknown,
}
