"""Where to calculate: on a graphics card, if there is one."""

import torch
from torch import Tensor

from mini_gpt.support.refusal import Refusal
from mini_gpt.support.stand_in import StandIn


def available() -> list[str]:
    """List the devices of this computer, the fastest first."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [*(name for name, there in found.items() if there), "cpu"]


def choose(name: str) -> str:
    """Return the device to use. "auto" takes the fastest.

    Raises:
        Refusal: this computer has no such device.
    """
    there = available()
    if name == "auto":
        return there[0]
    if name not in there:
        raise Refusal(
            f"--device {name} is not there, but {' and '.join(there)}: try --device auto."
        )
    return name


class OnDevice(StandIn):
    """A model on another device that is used as if it were here.

    So whoever asks it, such as your own evaluate and generate, need not know of devices.

    Args:
        model: a MiniGPT, wherever it is.
    """

    def forward(self, ids: Tensor) -> Tensor:
        """Send the ids there, and bring the logits back."""
        device = next(self.model.parameters()).device
        return self.model(ids.to(device)).to(ids.device)
