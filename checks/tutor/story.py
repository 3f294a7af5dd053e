"""Train a fresh model on the story: loops 3 and 4 and the showcase all need one."""

from collections.abc import Callable

from mini_gpt.story import SEED, STORY, TRAINING_TEXT
from tutor.lab import Lab


def train_on_story(lab: Lab, train: Callable, seed: int = SEED) -> tuple:
    """Train a fresh model on the story for 100 steps.

    Args:
        lab: told what takes time.
        train: the function that trains, the learner's or the one of mini_gpt.
        seed: for the model's first numbers, and for the batches.

    Returns:
        The model in eval mode, its tokenizer, and the losses.
    """
    import torch

    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    lab.doing("training on the story, 100 steps")
    tokenizer = CharTokenizer(STORY)
    ids = torch.tensor(tokenizer.encode(TRAINING_TEXT))
    torch.manual_seed(seed)
    model = MiniGPT(vocab_size=tokenizer.vocab_size)
    losses = train(model, ids, steps=100, seed=seed)
    return model.eval(), tokenizer, losses
