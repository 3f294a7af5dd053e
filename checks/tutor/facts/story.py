"""The story model: train one, and tell how well it knows the story. Loops 3 and 4 need both."""

import math
from collections import Counter
from collections.abc import Callable

import torch
from torch.nn.functional import cross_entropy

from mini_gpt.story import SEED, STORY, TRAINING_TEXT
from tutor.facts.lab import Lab

BLOCK_SIZE = 64


def train_on_story(
    lab: Lab, train: Callable, seed: int = SEED, look: Callable | None = None
) -> tuple:
    """Train a fresh model on the story for 100 steps.

    Args:
        lab: told what takes time.
        train: the function that trains, the learner's or the one of mini_gpt.
        seed: for the model's first numbers, and for the batches.
        look: called after each step with the model and its tokenizer.

    Returns:
        The model in eval mode, its tokenizer, and the losses.
    """
    lab.doing("training on the story, 100 steps")
    tokenizer = lab.other("tokenizer").CharTokenizer(STORY)
    ids = torch.tensor(tokenizer.encode(TRAINING_TEXT))
    torch.manual_seed(seed)
    model = lab.other("transformer").MiniGPT(vocab_size=tokenizer.vocab_size)
    on_step = {} if look is None else {"on_step": lambda step, loss: look(model, tokenizer)}
    losses = train(model, ids, steps=100, seed=seed, **on_step)
    return model.eval(), tokenizer, losses


def story_floor():
    """Return the lowest average loss that is possible on windows of the story, in nats.

    A window does not say where in the story it starts. Its first character leaves as many places
    open as the story has such characters. To find out which one it is costs ln of that number.
    """
    counts = Counter(STORY).values()
    return sum(n / len(STORY) * math.log(n) for n in counts) / BLOCK_SIZE


def story_loss(model, tokenizer):
    """Return the model's average loss over all windows of the story, in nats, in eval mode."""
    ids = torch.tensor(tokenizer.encode(TRAINING_TEXT))
    windows = ids.unfold(0, BLOCK_SIZE + 1, 1)[: len(STORY)]
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(windows[:, :-1])
    model.train(was_training)
    return float(cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten()))
