"""The finish line: the four parts together make a language model that talks."""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.showcase import main

    sys.exit(main(__file__))

import torch
from tutor.facts.story import train_on_story
from tutor.facts.tensors import expect_shape
from tutor.facts.words import Wrong, about, expect_equal, expect_ids
from tutor.running.module import owner

from mini_gpt.loops import CORE, LOOPS
from mini_gpt.story import STORY

TOKENIZER, TRANSFORMER, TRAINER, SAMPLER = CORE_LOOPS = LOOPS[:CORE]
TRAINING_SECONDS = 90.0


def owner_of(lab, loop):
    """Tell whose code a module of mini_gpt is: yours, borrowed or partly yours."""
    module = lab.other(loop.module)
    return owner([getattr(module, name) for name in loop.names])


@about(TOKENIZER.module)
def test_tokenizer(lab):
    """Tokenizer"""
    CharTokenizer = lab.other("tokenizer").CharTokenizer
    tokenizer = CharTokenizer(STORY)
    ids = tokenizer.encode("hello")
    expect_ids('CharTokenizer(STORY).encode("hello")', ids, [7, 4, 11, 11, 14])
    expect_equal("decode of these ids", tokenizer.decode(ids), "hello")
    lab.show(f"Working normally ({owner_of(lab, TOKENIZER)})")
    lab.show(f'"hello" -> {ids} -> "{tokenizer.decode(ids)}"')


@about(TRANSFORMER.module)
def test_transformer(lab):
    """Transformer"""
    MiniGPT = lab.other("transformer").MiniGPT
    model = MiniGPT()
    logits = model(torch.arange(20).view(2, 10))
    expect_shape("MiniGPT()(ids) with ids of shape (2, 10)", logits, (2, 10, 100))
    lab.show(f"Forward pass working ({owner_of(lab, TRANSFORMER)})")
    count = sum(parameter.numel() for parameter in model.parameters())
    lab.show(f"{count:,} parameters, output shape {tuple(logits.shape)}")


def trained(lab):
    """Return a trained model, its tokenizer and its losses, training only once."""
    train = lab.other("trainer").train
    return lab.once("trained", lambda: train_on_story(lab, train))


@about(TRAINER.module, seconds=TRAINING_SECONDS)
def test_training(lab):
    """Training"""
    losses = trained(lab)[2]
    if not losses[-1] < 0.1 * losses[0]:
        got = f"from {losses[0]:.2f} to {losses[-1]:.2f}"
        raise Wrong("100 training steps on the story", "a loss that falls by 90 % at least", got)
    lab.show(f"Loss decreased from {losses[0]:.2f} to {losses[-1]:.2f} ({owner_of(lab, TRAINER)})")


@about(SAMPLER.module, seconds=TRAINING_SECONDS)
def test_generation(lab):
    """Generation"""
    generate_words = lab.other("sampler").generate_words
    model, tokenizer, _ = trained(lab)
    text = generate_words(model, tokenizer, "Once upon", 10, temperature=0)
    begin = tokenizer.decode(tokenizer.encode("Once upon"))
    if not text.startswith(begin) or len(text.split()) < len(begin.split()) + 10:
        called = lab.calls('generate_words(model, tokenizer, "Once upon", 10, temperature=0)')
        raise Wrong(called, f'"{begin}" and ten words more', repr(text))
    lab.show(f"Can generate text ({owner_of(lab, SAMPLER)})")
    lab.show(f'"Once upon" -> "{text.strip()}"')


@about()
def test_owners(lab):
    """Owners"""
    borrowed = [loop for loop in CORE_LOOPS if owner_of(lab, loop) != "yours"]
    lab.show(f"Built by you: {len(CORE_LOOPS) - len(borrowed)} of {len(CORE_LOOPS)}")
    if borrowed:
        names = ", ".join(f"{loop.module} (loop {loop.number})" for loop in borrowed)
        lab.remark("This is what the finish line looks like. Still to be made your own:")
        lab.remark(f"{names}.")
        return
    losses = trained(lab)[2]
    count = sum(p.numel() for p in lab.other("transformer").MiniGPT().parameters())
    lab.remark(f"Your model has {count:,} parameters. Ours has 145,764.")
    lab.remark(f"Your loss went from {losses[0]:.2f} to {losses[-1]:.2f}. Ours from 2.85 to 0.03.")
