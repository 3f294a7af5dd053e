"""The command line: python -m mini_gpt train, generate, chat, look and web.

PyTorch, Gradio and matplotlib are imported only where they are needed, so that the rest works
without them, and at once.
"""

import argparse
import os
import sys
from pathlib import Path

from mini_gpt.paths import model_to_use
from mini_gpt.support.refusal import Refusal
from mini_gpt.support.speaking import command as speaking
from mini_gpt.support.training import command as training

NAMES = ("train", "generate", "chat", "look", "web")
DEVICES = ("auto", "cuda", "mps", "cpu")


def parser() -> argparse.ArgumentParser:
    """Describe the commands and their options."""
    top = argparse.ArgumentParser(prog="python -m mini_gpt")
    commands = top.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train on a book of yours")
    training.add_options(train)
    generate = commands.add_parser("generate", help="let a model continue a text")
    generate.add_argument("prompt", help='such as "ROMEO:"')
    chat = commands.add_parser("chat", help="talk with a model, line by line")
    beams_help = "search for the most likely text, with so many beams"
    generate.add_argument("--beams", type=int, help=beams_help)
    for command in (generate, chat):
        speaking.add_options(command)
    for command in (train, generate, chat):
        command.add_argument("--device", choices=DEVICES, default="auto", help="default auto")
    describe_look(commands.add_parser("look", help="see where a model looks"))
    web = commands.add_parser("web", help="open a page in the browser, for this computer alone")
    web.add_argument("--model", type=Path, help="default: runs/book, or model.pt")
    web.add_argument("--port", type=int, default=7860, help="default 7860")
    web.add_argument("--no-browser", action="store_true", help="only print the address")
    return top


def describe_look(look: argparse.ArgumentParser) -> None:
    """Describe the options of look."""
    look.add_argument("text", help='what the model reads, such as "hello world"')
    look.add_argument("--model", type=Path, help="default: runs/book, or model.pt")
    look.add_argument("--layer", type=int, help="the head to draw large; default: the clearest")
    look.add_argument("--head", type=int, help="counted from 1, as the layer")
    look.add_argument("--from", type=int, dest="first", metavar="N", help="show from here on")
    look.add_argument("--to", type=int, dest="last", metavar="N", help="show up to here")
    look.add_argument("--on", type=Path, metavar="FILE", help="measure what heads do on this text")
    look.add_argument("--seed", type=int, default=11, help="of the training, default 11")
    look.add_argument("--folder", type=Path, help="where to write, default runs/look/...")


def refuse_nonsense(options: argparse.Namespace) -> None:
    """Refuse numbers that cannot work, before anything is done."""
    least = {"steps": 1, "eval_every": 1, "batch_size": 1, "block_size": 1, "length": 1, "top_k": 1}
    least |= {"n_embd": 1, "n_head": 1, "n_layer": 1, "seed": 0, "words": 1, "port": 1}
    for name, smallest in least.items():
        value = getattr(options, name, None)
        if value is not None and not value >= smallest:
            flag = name.replace("_", "-")
            raise Refusal(f"--{flag} must be at least {smallest}, got {value}.")
    if getattr(options, "prompt", None) == "":
        raise Refusal('The prompt must hold at least 1 character: try "ROMEO:".')
    if options.command == "train":
        training.refuse_nonsense(options)
    elif options.command in ("generate", "chat"):
        speaking.refuse_nonsense(options)


def run(arguments: list[str]) -> None:
    """Do what the command line asks for."""
    options = parser().parse_args(arguments)
    refuse_nonsense(options)
    if not getattr(options, "numpy", False):
        import torch

        # One thread is as fast for a model this small, and much faster where the cores are busy.
        torch.set_num_threads(1)
    spoken = {"generate": speaking.generate, "chat": speaking.chat}
    actions = {"train": training.train, **spoken, "look": look, "web": web}
    try:
        actions[options.command](options)
    except BrokenPipeError:
        # Who reads this, such as head, has read enough. Python would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def look(options: argparse.Namespace) -> None:
    """Look at a text with a model: where does each head look, and what is it good for?"""
    from mini_gpt.support.looking.command import look

    look(options)


def web(options: argparse.Namespace) -> None:
    """Open the page, and keep it open until Ctrl-C."""
    from mini_gpt.support.web.serve import serve

    serve(options.model or model_to_use(), options.port, not options.no_browser)
