"""Loop 9, the web interface: your model on a page, for a friend to try.

Three parts: what may come next, a text that grows while you watch, and the page around the two.
Shapes: T tokens so far, V tokens in the vocabulary.
Source: the page is made of the parts of Gradio 6, https://www.gradio.app/docs
"""

# A skeleton: write each function that raises NotImplementedError. Its comments name the steps.
# A comment that stands deeper is a step inside the one above it, such as a step of a loop.
# Check it here:    python checks/09_web_interface_test.py scaffolds/09_web_interface_skeleton.py
# Or take it over:  cp scaffolds/09_web_interface_skeleton.py mini_gpt/web.py

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor, nn


def ids_of(tokenizer, text: str) -> Tensor:
    """Return the ids of a text as the model wants them, int64, (1, T).

    Raises:
        ValueError: the text is empty, so there is nothing to go on from.
    """
    # Without a character there is nothing to guess from.
    # One text makes one row.
    raise NotImplementedError("write ids_of in mini_gpt/web.py")


@torch.no_grad()
def next_characters(model: nn.Module, tokenizer, text: str, n: int = 10) -> list[tuple[str, float]]:
    """List what may come next, and how likely the model finds it.

    Args:
        model: a MiniGPT.
        tokenizer: the tokenizer that it was trained with.
        text: the text so far, at least one character.
        n: how many to list, at least 1. Of a smaller vocabulary, all are listed.

    Returns:
        (token, probability) of the n most likely next tokens, the largest probability first.

    Raises:
        ValueError: the text is empty, or n is below 1.
    """
    # Nobody asks for less than one.
    # Show the model the end of the text, as much as it can look at.
    # Remember the model's mode, and switch it to using what it learned.
    # Only the scores after the last token are of interest. Then the mode comes back.
    # Scores become probabilities. Take the n largest, or all if there are fewer.
    # Write each id as text.
    raise NotImplementedError("write next_characters in mini_gpt/web.py")


def stream(
    model: nn.Module,
    tokenizer,
    prompt: str,
    n_characters: int = 200,
    temperature: float = 0.8,
    top_k: int | None = None,
    seed: int = 0,
) -> Iterator[str]:
    """Continue a prompt, and hand out the text so far again and again, while it grows.

    Nothing is calculated before it is asked for. Who asks no more, or closes it, stops the work.

    Args:
        model: a MiniGPT.
        tokenizer: the tokenizer that it was trained with.
        prompt: the beginning, at least one character. Unknown characters appear as <unk>.
        n_characters: how many tokens to add.
        temperature: 0 or above: 0 takes the best token, above it one is drawn.
        top_k: draw from the k best only. None means from all.
        seed: the same seed draws the same text.

    Yields:
        The whole text so far, with the prompt, after each new token.

    Raises:
        ValueError: at the first text, where the prompt is empty, or temperature or top_k is out of
            range.
    """
    # Each stream has its own lots to draw, so two of them do not disturb each other.
    # Add one token after the other. In between, whoever reads the text decides if it goes on.
        # Read the whole text anew: a character may be made of several tokens.
    raise NotImplementedError("write stream in mini_gpt/web.py")


def talk(model, tokenizer, prompt, n_characters, temperature, top_k, seed) -> Iterator[tuple]:
    """Go on from what a visitor has typed, with all that the sliders say.

    Yields:
        (text, bars) after each new token: the text so far, and a dict of what may come next.
    """
    # Tell the visitor what is missing, in a friendly box.
    # A slider may give 200.0. Only whole numbers can be counted.
    # What the model sees of the prompt stands at the front of each text.
    # Hand out each text as it comes, with its bars.
        # The bars need the prompt as it was typed: <unk> read again would be five characters.
    raise NotImplementedError("write talk in mini_gpt/web.py")


def build_page(model: nn.Module, tokenizer):
    """Build the page: a box for the prompt, the text that grows, and bars of what may come next.

    Args:
        model: a MiniGPT.
        tokenizer: the tokenizer that it was trained with.

    Returns:
        A gradio.Blocks. Nothing is started: that is what its launch() is for.
    """
    # The page counts nobody, and sends nothing anywhere.
        # What goes in: the prompt, and how to go on from it.
        # The buttons, and what comes out.
        # The button starts it, and so does the Enter key. Stop closes the stream.
    raise NotImplementedError("write build_page in mini_gpt/web.py")


if __name__ == "__main__":
    # Run this file to hear what is still to write.
    import subprocess
    import sys
    from pathlib import Path

    check = Path(__file__).resolve().parents[1] / "checks" / "09_web_interface_test.py"
    sys.exit(subprocess.call([sys.executable, str(check), __file__]))
