"""Several processes that train one model: torchrun --nproc-per-node=2 -m mini_gpt train.

Each process takes its share of every batch, and PyTorch's DistributedDataParallel takes the mean of
their gradients. So all have the same weights at every step, and the losses are those of one process
with the whole batch.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from mini_gpt.support.refusal import Refusal

T = TypeVar("T")


def size() -> int:
    """Tell how many processes there are."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Tell which of them this is, from 0 on."""
    return distributed.get_rank() if distributed.is_initialized() else 0


@contextmanager
def joined() -> Iterator[None]:
    """Join the other processes, if torchrun started some."""
    if int(os.environ.get("WORLD_SIZE", 1)) == 1:
        yield
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def first_does(action: Callable[[], T]) -> T:
    """Let the first process do something, and hand all others what it returned.

    Args:
        action: returns plain values. Where it raises, the others end too.
    """
    box = [None, None]
    if rank() == 0:
        try:
            box[0] = action()
        except Refusal as refusal:
            box[1] = str(refusal)
    if size() > 1:
        distributed.broadcast_object_list(box)
    if box[1] is not None:
        raise Refusal(box[1])
    return box[0]


def refuse_uneven(batch_size: int) -> None:
    """Refuse a batch that the processes cannot share evenly.

    Raises:
        Refusal: they cannot.
    """
    if batch_size % size():
        raise Refusal(f"--batch-size must be a multiple of {size()}, got {batch_size}.")


def share_of(rows: Tensor) -> Tensor:
    """Return the rows of a batch that this process takes.

    Raises:
        Refusal: the batch cannot be shared evenly.
    """
    refuse_uneven(len(rows))
    return rows.chunk(size())[rank()]


def share_gradients(model: nn.Module) -> nn.Module:
    """Wrap a model so that backward takes the mean of the gradients of all processes."""
    return DistributedDataParallel(model) if size() > 1 else model


def mean(loss: Tensor) -> Tensor:
    """Take the mean of the losses of all processes."""
    if size() > 1:
        distributed.all_reduce(loss)
        loss = loss / size()
    return loss
