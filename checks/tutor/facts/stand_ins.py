"""Stand-ins for a model, in which everything can be seen, and a way to still parts of one."""

import weakref
from dataclasses import dataclass

import torch

from tutor.facts.tensors import distance


def seeded(seed):
    """Make a generator of random numbers with this seed."""
    return torch.Generator().manual_seed(seed)


@dataclass
class Lesson:
    """One call of a probe: what it saw, what it said, and what it was taught."""

    ids: torch.Tensor
    in_train_mode: bool
    logits: torch.Tensor
    gradient: torch.Tensor | None = None
    """How the loss depends on the logits. None where nothing was learned from this call."""


class Probe(torch.nn.Module):
    """A model in which everything can be seen: a table from an id to its logits."""

    def __init__(self, vocab_size: int = 16):
        super().__init__()
        self.first = torch.nn.Parameter(torch.zeros(vocab_size))
        self.table = torch.nn.Parameter(torch.zeros(vocab_size, vocab_size))
        self.bias = torch.nn.Parameter(torch.zeros(vocab_size))
        self.inner = torch.nn.ParameterList([torch.zeros(vocab_size)])
        self.config = {"vocab_size": vocab_size, "block_size": 1000}
        self.calls: list[Lesson] = []
        self.left_over: list[float] = []
        self.incoming = None
        # PyTorch keeps a hook as long as the table. A hook that kept the probe would keep both for
        # ever, with all lessons.
        probe = weakref.proxy(self)
        self.table.register_hook(lambda gradient: probe.take_incoming(gradient))
        self.table.register_post_accumulate_grad_hook(lambda table: probe.compare(table))

    @property
    def lessons(self) -> list[Lesson]:
        """The calls that something was learned from. Others only look how good the model is."""
        return [call for call in self.calls if call.gradient is not None]

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the logits, and note what goes by."""
        logits = self.first + self.table[ids] + self.bias + self.inner[0]
        call = Lesson(ids.detach(), self.training, logits.detach())
        self.calls.append(call)
        if logits.requires_grad:
            logits.register_hook(lambda gradient: setattr(call, "gradient", gradient.detach()))
        return logits

    def take_incoming(self, gradient: torch.Tensor) -> None:
        """Keep the gradient of this step."""
        self.incoming = gradient.clone()

    def compare(self, table: torch.Tensor) -> None:
        """Note how far the gradient that is kept differs from that of this step."""
        self.left_over.append(distance(table.grad, self.incoming))


def make_fake(next_logits, vocab_size=10, block_size=8):
    """Make a model that scores the next token by a function of the ids so far, and keeps a record.

    Args:
        next_logits: from the ids of one row (a list) to the logits (a list) after the last of them.
        vocab_size: how many logits there are.
        block_size: the longest row that the model accepts.
    """

    class Fake(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.config = {"vocab_size": vocab_size, "block_size": block_size}
            self.unused, self.inner = torch.nn.Parameter(torch.zeros(1)), torch.nn.Identity()
            self.seen, self.modes, self.gradients = [], [], []

        def forward(self, ids):
            if ids.shape[1] > block_size:
                raise ValueError(f"T must be up to block_size {block_size}, got {ids.shape[1]}")
            self.seen.append(ids[0].tolist())
            self.modes.append(self.training or self.inner.training)
            self.gradients.append(torch.is_grad_enabled())
            # Only the last position tells the truth. The others say "the same id again".
            logits = 9.0 * torch.nn.functional.one_hot(ids, vocab_size).float()
            for row in range(ids.shape[0]):
                logits[row, -1] = torch.tensor(next_logits(ids[row].tolist()))
            return logits + 0 * self.unused

    return Fake().eval()


def silence(model, chosen):
    """Set those parameters of a model to 0 whose shape, a tuple, is chosen."""
    with torch.no_grad():
        for parameter in model.parameters():
            if chosen(tuple(parameter.shape)):
                parameter.zero_()


def rescaled(model, wide, factor):
    """Multiply the first layer of each feed-forward part by a factor, and divide the second.

    Where nothing bends the numbers between the two, that makes no difference, for any factor.

    Args:
        model: the model, which is changed.
        wide: how many numbers there are between the two layers.
        factor: not 0.

    Returns:
        The model.
    """
    seen = 0
    with torch.no_grad():
        for parameter in model.parameters():
            if wide in parameter.shape:
                seen += parameter.ndim > 1
                parameter.mul_(factor if seen % 2 or parameter.ndim == 1 else 1 / factor)
    return model


def rows_without_gradient(parameter, but):
    """Count the rows, or columns, of a parameter that get no gradient at all, if they are many.

    A few may have none by chance, behind a ReLU that is off. A fourth of them or more has a cause:
    of a joint layer for q, k and v, for example, one part is never used.

    Args:
        parameter: with a gradient, of any shape. One of a single dimension has no rows.
        but: the size of a table in which a row may stand for something that did not come.
    """
    if parameter.ndim < 2:
        return 0
    sizes = parameter.grad.abs()
    rows = [sizes.transpose(0, d).flatten(1).amax(1) == 0 for d in range(sizes.ndim)]
    idle = [int(row.sum()) for row in rows if len(row) != but and row.sum() * 4 >= len(row)]
    return max(idle, default=0)


def stop(step, loss):
    """End a training from within, as its on_step."""
    raise InterruptedError
