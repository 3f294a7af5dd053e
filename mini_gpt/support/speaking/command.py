"""The commands that speak: python -m mini_gpt generate and chat.

With --numpy they never import PyTorch, so the first character is there at once.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from mini_gpt.paths import model_to_use
from mini_gpt.support.refusal import Refusal
from mini_gpt.support.speaking.streaming import characters, first_words, new_ids
from mini_gpt.support.tokenizers import unknown

LENGTH = 300
TEMPERATURE = 0.8
SEED = 11
LONGEST_WORD = 30
COLDEST = 0.001
"""Scores divided by less would be larger than a float32 can hold."""

GoOn = Callable[[list[int]], Iterator[int]]
"""From the ids of a text to those that follow, one by one."""


def add_options(command: argparse.ArgumentParser) -> None:
    """Describe the options that generate and chat share."""
    command.add_argument("--model", type=Path, help="default: runs/book, or model.pt")
    command.add_argument("--length", type=int, help=f"tokens to add, default {LENGTH}")
    command.add_argument("--words", type=int, help="stop after so many words")
    command.add_argument("--temperature", type=float, help=f"0 or above, default {TEMPERATURE}")
    command.add_argument("--top-k", type=int, help="draw from the k best only")
    command.add_argument("--top-p", type=float, help="draw from the best that make up this share")
    command.add_argument(
        "--min-p", type=float, help="leave out what is less likely than this share of the best"
    )
    command.add_argument("--seed", type=int, help=f"default {SEED}")
    command.add_argument("--numpy", action="store_true", help="without PyTorch: begins at once")


def refuse_nonsense(options: argparse.Namespace) -> None:
    """Refuse values, and pairs of options, that cannot work. Then fill in the defaults."""
    beams, temperature = getattr(options, "beams", None), options.temperature
    if beams is not None:
        if beams < 1:
            raise Refusal(f"--beams must be at least 1, got {beams}.")
        refuse_beside("--beams, which draws nothing", options, "temperature top_k top_p min_p seed")
        refuse_beside("--beams, which needs your beam_search", options, "numpy")
        refuse_beside("--beams, which needs a length in tokens", options, "words")
    if temperature is not None and (temperature != 0 and not temperature >= COLDEST):
        raise Refusal(f"--temperature must be 0, or at least {COLDEST}, got {temperature}.")
    if temperature == 0:
        refuse_beside("--temperature 0, which takes the best", options, "top_k top_p min_p")
    if options.top_p is not None and not 0 < options.top_p <= 1:
        raise Refusal(f"--top-p must be above 0, and at most 1, got {options.top_p}.")
    if options.min_p is not None and not 0 <= options.min_p <= 1:
        raise Refusal(f"--min-p must be 0 to 1, got {options.min_p}.")
    if options.seed is not None and options.seed >= 2**63:
        raise Refusal(f"--seed must be 0 to 2**63 - 1, got {options.seed}.")
    if options.numpy and options.device not in ("auto", "cpu"):
        raise Refusal(f"--numpy works on the processor: leave --device {options.device} out.")
    fill_in(options)


def refuse_beside(what: str, options: argparse.Namespace, names: str) -> None:
    """Refuse options that mean nothing beside another one."""
    for name in names.split():
        if not (getattr(options, name) is None or getattr(options, name) is False):
            flag = name.replace("_", "-")
            raise Refusal(f"--{flag} means nothing beside {what}: leave one of them out.")


def fill_in(options: argparse.Namespace) -> None:
    """Give what was not asked for its default."""
    if options.length is None:
        options.length = options.words * LONGEST_WORD if options.words else LENGTH
    options.temperature = TEMPERATURE if options.temperature is None else options.temperature
    options.seed = SEED if options.seed is None else options.seed
    options.model = options.model or model_to_use()


def generate(options: argparse.Namespace) -> None:
    """Continue a text."""
    if options.beams is not None:
        return search(options)
    speak = speaker(options)
    print(options.prompt, end="", flush=True)
    speak("", options.prompt)


def chat(options: argparse.Namespace) -> None:
    """Continue each line that is typed. The model sees all that was said before."""
    speak, text = speaker(options), ""
    print("Type a line, and press Enter. An empty line ends the conversation.")
    try:
        while line := input("\n> "):
            text += line + "\n" + speak(text, line + "\n") + "\n"
    except (EOFError, KeyboardInterrupt):
        print()


def speaker(options: argparse.Namespace) -> Callable[[str, str], str]:
    """Load the model, and return a function that streams what it says to what was typed."""
    tokenizer, go_on = with_numpy(options) if options.numpy else with_torch(options)

    def speak(before: str, typed: str) -> str:
        tell_unknown(tokenizer, typed)
        pieces = characters(go_on(tokenizer.encode(before + typed)), tokenizer)
        if options.words:
            pieces = first_words(pieces, typed, options.words)
        said = ""
        for piece in pieces:
            print(piece, end="", flush=True)
            said += piece
        print()
        return said

    return speak


def with_torch(options: argparse.Namespace) -> tuple[object, GoOn]:
    """Load the model for PyTorch, your own generate and your own cache."""
    import torch

    from mini_gpt.support.checkpoint import load_model
    from mini_gpt.support.device import OnDevice, choose
    from mini_gpt.support.speaking.narrowing import Narrowed
    from mini_gpt.support.speaking.remembering import remember
    from mini_gpt.support.speaking.samplers import chosen

    model, tokenizer = load_model(options.model)
    model, line = remember(model.to(choose(options.device)))
    print(line, file=sys.stderr)
    model = OnDevice(model).eval()
    samplers = chosen(None, options.top_p, options.min_p)
    if samplers:
        model = Narrowed(model, samplers, options.temperature).eval()
    top_k = options.top_k and min(options.top_k, model.config["vocab_size"])
    how = (options.length, options.temperature, top_k)
    generator = torch.Generator().manual_seed(options.seed)
    return tokenizer, lambda ids: new_ids(model, torch.tensor([ids]), *how, generator)


def with_numpy(options: argparse.Namespace) -> tuple[object, GoOn]:
    """Load the model for numpy alone."""
    from mini_gpt.support.speaking.export_npz import model_for_numpy
    from mini_gpt.support.speaking.samplers import chosen
    from mini_gpt.support.tokenizers import refuse_other_size, tokenizer_of

    model = model_for_numpy(options.model)
    tokenizer = tokenizer_of(model.about)
    refuse_other_size(tokenizer, model.config["vocab_size"])
    samplers = chosen(options.top_k, options.top_p, options.min_p)
    how = (options.length, options.temperature, samplers, Random(options.seed))
    return tokenizer, lambda ids: model.generate(ids, *how)


def search(options: argparse.Namespace) -> None:
    """Look for the most likely continuation with your own beam search."""
    import torch

    from mini_gpt.beam_search import beam_search
    from mini_gpt.support.checkpoint import load_model
    from mini_gpt.support.device import OnDevice, choose

    model, tokenizer = load_model(options.model)
    beams, most = options.beams, model.config["vocab_size"]
    if beams > most:
        raise Refusal(f"--beams must be 1 to {most}, the number of ids, got {beams}.")
    tell_unknown(tokenizer, options.prompt)
    ids = torch.tensor([tokenizer.encode(options.prompt)])
    print(f"The best of {beams} beams is known only at the end.", file=sys.stderr)
    model = OnDevice(model.to(choose(options.device))).eval()
    text, score = beam_search(model, ids, options.length, n_beams=beams)[0]
    print(options.prompt + tokenizer.decode(text[0, ids.shape[1] :].tolist()))
    print(f"ln p = {score:.2f} for {options.length} tokens", file=sys.stderr)


def tell_unknown(tokenizer: object, text: str) -> None:
    """Say which characters of a text the model has never seen, save for white space."""
    strange = unknown(tokenizer, "".join(text.split()))
    if strange:
        more = " and others" if len(strange) > 9 else ""
        signs = " ".join(strange[:9])
        print(f"The model has never seen {signs}{more}: it reads <unk> there.", file=sys.stderr)
