"""The processor cores share each batch of a training: each takes some of its rows.

PyTorch can let all cores share each single product of matrices. Those of a small model are so small
that this hardly pays. A few rows of a batch are a larger piece of work. Gradients are kept beside
the weights, so each thread has a copy of the model. Its weights are the model's own memory.
"""

import copy
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import torch
from torch import Tensor, nn

from mini_gpt.support.training import together
from mini_gpt.support.training.gradients import find_gradients, same_gradients

MOST = 4
"""More threads than this would mostly wait: only one at a time can read Python."""


class Cores:
    """Threads that find the gradients of one model together.

    Args:
        model: a MiniGPT. It gets the gradients.
        count: how many threads.
    """

    def __init__(self, model: nn.Module, count: int):
        self.models = [model, *(shadow_of(model) for _ in range(count - 1))]
        self.threads = ThreadPoolExecutor(count)
        self.all_cores = torch.get_num_threads()

    def find_gradients(self, rows: Tensor) -> Tensor:
        """Find the gradients of the mean loss of a batch, (B, T + 1) ids. Return this loss."""
        parts = rows.tensor_split(len(self.models))
        shares = [len(part) / len(rows) for part in parts]
        loss = sum(self.threads.map(find_on_one_core, self.models, parts, shares))
        torch.set_num_threads(self.all_cores)  # for all that is not one of these threads
        for shadow in self.models[1:]:
            for parameter, same in zip(self.models[0].parameters(), shadow.parameters()):
                if same.grad is not None:
                    parameter.grad += same.grad
        return loss


def shadow_of(model: nn.Module) -> nn.Module:
    """Copy a model, but for its weights: they are the same memory."""
    shadow = copy.deepcopy(model)
    for copied, original in zip(shadow.parameters(), model.parameters()):
        copied.data = original.data
    return shadow


def find_on_one_core(model: nn.Module, rows: Tensor, share: float) -> Tensor:
    """Find the gradients of a share of a batch, as one of several threads."""
    torch.set_num_threads(1)
    return find_gradients(model, rows, share)


def cores_for(model: nn.Module, batch_size: int) -> Cores | None:
    """Let the cores share the work. None if they cannot: what draws by chance, one thread must do.

    Args:
        model: a MiniGPT, on its device.
        batch_size: how many rows a batch has.
    """
    count = min(torch.get_num_threads(), MOST, batch_size)
    is_here = next(model.parameters()).device.type == "cpu"
    if count == 1 or not is_here or together.size() > 1:
        return None
    cores = Cores(model, count)
    same = same_gradients(model, partial(find_gradients, model), cores.find_gradients)
    return cores if same else None
