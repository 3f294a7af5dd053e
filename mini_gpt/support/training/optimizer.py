"""How a training on a book moves the weights: Muon for matrices, AdamW for all the rest.

AdamW looks at each number alone. A matrix is more than its numbers: it turns and stretches. Muon
takes the step that AdamW's kind of memory suggests, and makes it turn without stretching, so that
no direction is learned much faster than another.

Source: Jordan et al. 2024, kellerjordan.github.io/posts/muon. Left out: bfloat16, which most
processors calculate slowly.
"""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""From the source: five rounds with these bring all stretches close to 1."""
MUON, TABLE = 7.5, 5
"""Muon's learning rate is so many times AdamW's. So is a table's, times the size of its numbers."""
LEAST_SIZE = 0.1
"""A table that begins smaller, or even at 0, is moved as one of this size."""
RARE_DECAY = 1.0
"""At each step, a table of rare pieces goes back to 0 by so many times its learning rate."""
WARM_UP, COOL_DOWN = 50, 0.5
"""In the first 50 steps the steps grow, and in the last half of a training they shrink."""


def turn_only(matrices: Tensor) -> Tensor:
    """Make the stretch of matrices about 1 in all directions (Newton-Schulz, five rounds).

    Args:
        matrices: (N, rows, columns), float32.

    Returns:
        (N, rows, columns). The singular values of each are between about 0.7 and 1.2.
    """
    a, b, c = COEFFICIENTS
    is_tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if is_tall else matrices  # the smaller side first: less to calculate
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if is_tall else x


class Muon(torch.optim.Optimizer):
    """Move matrices so that a step turns them and does not stretch them.

    Args:
        matrices: parameters with two dimensions.
        lr: how far a step goes. 0.03 suits small models.
        momentum: how much of the steps before is kept.
    """

    def __init__(self, matrices: Iterable[nn.Parameter], lr: float = 0.03, momentum: float = 0.9):
        super().__init__(matrices, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """Move all matrices that have a gradient. Those of equal shape are calculated at once."""
        for group in self.param_groups:
            shapes = defaultdict(list)
            for matrix in group["params"]:
                if matrix.grad is not None:
                    shapes[matrix.shape].append(matrix)
            for (rows, columns), matrices in shapes.items():
                wanted = [self.remember(matrix, group["momentum"]) for matrix in matrices]
                steps = turn_only(torch.stack(wanted))
                length = group["lr"] * max(1, rows / columns) ** 0.5
                torch._foreach_add_(matrices, list(steps.unbind()), alpha=-length)

    def remember(self, matrix: nn.Parameter, momentum: float) -> Tensor:
        """Mix the gradient into those before, and look a step ahead (Nesterov)."""
        state = self.state[matrix]
        if "mean" not in state:
            state["mean"] = torch.zeros_like(matrix)
        state["mean"].lerp_(matrix.grad, 1 - momentum)
        return matrix.grad.lerp(state["mean"], momentum)


def optimizers_for(model: nn.Module, name: str, rate: float) -> list[torch.optim.Optimizer]:
    """Make what moves the weights of a model. Each group keeps its full rate as "initial_lr".

    Args:
        model: a MiniGPT, or any other module. Its rare_tables, if it has such, are of rare rows.
        name: "adamw" for all, or "muon" for the matrices inside it and AdamW for the rest.
        rate: the learning rate of AdamW.
    """
    if name == "adamw":
        made = [torch.optim.AdamW(model.parameters(), lr=rate, fused=True)]
    else:
        made = with_muon(model, rate)
    for optimizer in made:
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return made


def with_muon(model: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Let Muon move the matrices inside a model, and AdamW the rest."""
    tables = {id(m.weight): m.weight for m in model.modules() if isinstance(m, nn.Embedding)}
    last = [m.weight for m in model.modules() if isinstance(m, nn.Linear)][-1:]
    apart = tables.keys() | {id(w) for w in last}  # a table is a list of rows, not a matrix
    matrices = [p for p in model.parameters() if p.ndim == 2 and id(p) not in apart]
    moved = tables.keys() | {id(matrix) for matrix in matrices}
    others = [p for p in model.parameters() if id(p) not in moved]
    rare = {id(table.weight) for table in getattr(model, "rare_tables", ())}
    groups = [group_of(table, rate, key in rare) for key, table in tables.items()]
    groups = [{"params": others}, *groups]
    adamw = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), weight_decay=0, fused=True)
    return [adamw, Muon(matrices, lr=MUON * rate)] if matrices else [adamw]


def group_of(table: Tensor, rate: float, is_rare: bool) -> dict:
    """Tell AdamW how to move a table: the further, the larger its numbers are at first.

    A row that is looked up but rarely would be learned by heart. Decay draws it back to 0.
    """
    decay = RARE_DECAY if is_rare else 0.0
    size = max(table.std().item(), LEAST_SIZE)
    return {"params": [table], "lr": TABLE * size * rate, "weight_decay": decay}


def share_of_rate(step: int, steps: int) -> float:
    """Tell which share of the learning rate a step gets: up, level, and down to nearly 0.

    Args:
        step: counted from 1.
        steps: how many there are in all.

    >>> [round(share_of_rate(step, 1000), 3) for step in (1, 25, 50, 500, 750, 1000)]
    [0.02, 0.5, 1.0, 1.0, 0.502, 0.002]
    """
    return min(1.0, step / WARM_UP, max(0, steps - step + 1) / max(1, COOL_DOWN * steps))
