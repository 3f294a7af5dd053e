"""Train on a book: steps, looks at unseen text, and a checkpoint at each look.

A training that was stopped goes on exactly: its losses are those of one that was never stopped.
"""

from contextlib import nullcontext
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mini_gpt.support import checkpoint
from mini_gpt.support.device import OnDevice
from mini_gpt.support.exchange import exchanged
from mini_gpt.support.speaking.streaming import stream
from mini_gpt.support.tokenizers import describe_tokenizer, tokenizer_of
from mini_gpt.support.training import together
from mini_gpt.support.training.fused import fused_attention, is_same
from mini_gpt.support.training.optimizer import optimizers_for, share_of_rate
from mini_gpt.support.training.progress import Progress

LOOKED_AT = 30_000
"""So many ids of unseen text are enough to see how well the model does."""
SAMPLE = 200


@dataclass
class Options:
    """How to train. It is kept in the checkpoint."""

    steps: int = 2000
    eval_every: int = 250
    batch_size: int = 32
    optimizer: str = "muon"
    learning_rate: float = 4e-3
    seed: int = 11
    short: float = 0.0
    """In this first share of all steps, windows are half as long, and twice as many."""


class Training:
    """A training that can be stopped and gone on with.

    Args:
        model: a MiniGPT, on its device.
        tokenizer: the tokenizer of the ids.
        options: how to train.

    Raises:
        Refusal: several processes cannot share a batch evenly.
    """

    def __init__(self, model: nn.Module, tokenizer: object, options: Options):
        together.refuse_uneven(options.batch_size)
        self.model = model
        self.tokenizer = tokenizer
        self.options = options
        self.step = 0
        self.optimizers = optimizers_for(model, options.optimizer, options.learning_rate)
        self.fused = is_same(model)
        self.guess = together.share_gradients(model)
        self.generator = torch.Generator().manual_seed(options.seed)
        self.history: list[tuple[int, float, float]] = []
        self.best = {"val_loss": float("inf"), "step": 0, "weights": weights_of(model)}
        self.start = sums_of(model)

    def run(self, train_ids, val_ids, file: Path, progress: Progress) -> None:
        """Take all steps that are left. After each look, the checkpoint is written anew.

        Args:
            train_ids: the ids to learn from.
            val_ids: the ids that are kept back.
            file: where the checkpoint is kept.
            progress: told how it goes.
        """
        losses = []
        while self.step < self.options.steps:
            losses.append(self.learn(train_ids))
            progress.tick(self.step, losses[-1])
            if self.step % self.options.eval_every == 0 or self.step == self.options.steps:
                self.look(sum(losses) / len(losses), val_ids)
                if together.rank() == 0:
                    checkpoint.save(file, self.state())
                progress.say(progress.line(*self.history[-1]) + f"\n{self.sample(train_ids)}\n")
                losses = []

    def learn(self, ids) -> float:
        """Take one step, and count it: a batch of random windows. Returns its loss in nats.

        Several processes draw the same batch, and each takes its share of it.
        """
        self.model.train()
        device = next(self.model.parameters()).device
        size, length = self.windows()
        starts = torch.randint(len(ids) - length, (size,), generator=self.generator).tolist()
        rows = torch.stack([row(ids, start, length + 1) for start in starts])
        rows = together.share_of(rows).to(device)
        with exchanged(self.model, fused_attention) if self.fused else nullcontext():
            logits = self.guess(rows[:, :-1])
            loss = cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten())
        self.model.zero_grad()
        loss.backward()
        self.move()
        self.step += 1
        return together.mean(loss.detach()).item()

    def windows(self) -> tuple[int, int]:
        """Return how many windows this step looks at, and how long they are.

        A model that knows distances may begin with short ones: half as long, and twice as many.
        """
        size, length = self.options.batch_size, self.model.config["block_size"]
        is_early = self.step < self.options.short * self.options.steps
        return (2 * size, max(1, length // 2)) if is_early else (size, length)

    def move(self) -> None:
        """Let the optimizers move the weights, by this step's share of their learning rates."""
        share = share_of_rate(self.step + 1, self.options.steps)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * share
            optimizer.step()

    def look(self, train_loss: float, val_ids) -> None:
        """Measure the model on unseen text, and keep its weights if they were never better."""
        from mini_gpt.corpus import evaluate

        length, size = self.model.config["block_size"], self.options.batch_size
        val_loss = evaluate(OnDevice(self.model), val_ids[:LOOKED_AT], length, size)
        self.history.append((self.step, train_loss, val_loss))
        if val_loss < self.best["val_loss"]:
            weights = weights_of(self.model)
            self.best = {"val_loss": val_loss, "step": self.step, "weights": weights}

    def sample(self, ids) -> str:
        """Let the model write a little, so that a person sees what it has learned."""
        generator = torch.Generator().manual_seed(self.options.seed)
        start = row(ids, 0, 1)[None]
        pieces = stream(OnDevice(self.model), self.tokenizer, start, SAMPLE, 0.8, None, generator)
        return "".join(f"    {line}" for line in "".join(pieces).splitlines(keepends=True))

    def state(self) -> dict:
        """Return all that is needed to go on exactly here."""
        return describe_tokenizer(self.tokenizer) | {
            "config": dict(self.model.config),
            "weights": weights_of(self.model),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "random": self.generator.get_state(),
            "options": asdict(self.options),
            "step": self.step,
            "history": [list(look) for look in self.history],
            "best": self.best,
            "start": self.start,
        }


def resume(state: dict, steps: int | None, device: str) -> Training:
    """Make a training again from its checkpoint.

    Args:
        state: what load_training read.
        steps: how many steps it shall have in all. None means as before.
        device: where to calculate.
    """
    options = Options(**state["options"])
    options.steps = steps or options.steps
    model = checkpoint.build(state["config"], state["weights"]).to(device)
    training = Training(model, tokenizer_of(state), options)
    for optimizer, kept in zip(training.optimizers, state["optimizers"]):
        optimizer.load_state_dict(kept)
    training.generator.set_state(state["random"])
    training.step, training.best = state["step"], state["best"]
    training.start = state["start"]
    training.history = [tuple(look) for look in state["history"]]
    return training


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """Copy the weights of a model to where they do not change."""
    return {name: deepcopy(tensor.detach()).cpu() for name, tensor in model.state_dict().items()}


def sums_of(model: nn.Module) -> dict[str, float]:
    """Add up the numbers of each parameter. The sum of one that is moved is another one."""
    return {name: p.detach().double().sum().item() for name, p in model.named_parameters()}


def row(ids, start: int, length: int) -> Tensor:
    """Return a few ids as a tensor. The others stay on the disk."""
    return torch.asarray(ids[start : start + length], dtype=torch.int64, copy=True)
