"""The finish line: the four parts together make a language model that talks."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]

from tutor.facts import Wrong, about, expect_equal, expect_ids, expect_shape  # noqa: E402
from tutor.story import train_on_story  # noqa: E402

from mini_gpt.story import STORY  # noqa: E402

MODULES = {
    "tokenizer": ("01_tokenizer", "CharTokenizer"),
    "transformer": ("02_transformer", "causal_attention", "MiniGPT"),
    "trainer": ("03_training", "get_batch", "train", "save_checkpoint", "load_checkpoint"),
    "sampler": ("04_generation", "generate", "generate_words"),
}
TROPHIES = "🏆" * 25
TRAINING_SECONDS = 90.0


def owner_of(name):
    """Tell whose code a module of mini_gpt is: yours, borrowed or partly yours."""
    import importlib

    from tutor.module import owner

    module = importlib.import_module(f"mini_gpt.{name}")
    return owner([getattr(module, wanted) for wanted in MODULES[name][1:]])


@about("tokenizer")
def test_tokenizer(lab):
    """Tokenizer"""
    from mini_gpt.tokenizer import CharTokenizer

    tokenizer = CharTokenizer(STORY)
    ids = tokenizer.encode("hello")
    expect_ids('CharTokenizer(STORY).encode("hello")', ids, [7, 4, 11, 11, 14])
    expect_equal("decode of these ids", tokenizer.decode(ids), "hello")
    lab.show(f"Working normally ({owner_of('tokenizer')})")
    lab.show(f'"hello" -> {ids} -> "{tokenizer.decode(ids)}"')


@about("transformer")
def test_transformer(lab):
    """Transformer"""
    import torch

    from mini_gpt.transformer import MiniGPT

    model = MiniGPT()
    logits = model(torch.arange(20).view(2, 10))
    expect_shape("MiniGPT()(ids) with ids of shape (2, 10)", logits, (2, 10, 100))
    lab.show(f"Forward pass working ({owner_of('transformer')})")
    count = sum(parameter.numel() for parameter in model.parameters())
    lab.show(f"{count:,} parameters, output shape {tuple(logits.shape)}")


def trained(lab):
    """Return a trained model, its tokenizer and its losses, training only once."""
    from mini_gpt.trainer import train

    return lab.once("trained", lambda: train_on_story(lab, train))


@about("trainer", seconds=TRAINING_SECONDS)
def test_training(lab):
    """Training"""
    losses = trained(lab)[2]
    if not losses[-1] < 0.1 * losses[0]:
        got = f"from {losses[0]:.2f} to {losses[-1]:.2f}"
        raise Wrong("100 training steps on the story", "a loss that falls by 90 % at least", got)
    lab.show(f"Loss decreased from {losses[0]:.2f} to {losses[-1]:.2f} ({owner_of('trainer')})")


@about("sampler", seconds=TRAINING_SECONDS)
def test_generation(lab):
    """Generation"""
    from mini_gpt.sampler import generate_words

    model, tokenizer, _ = trained(lab)
    text = generate_words(model, tokenizer, "Once upon", 10, temperature=0)
    begin = tokenizer.decode(tokenizer.encode("Once upon"))
    if not text.startswith(begin) or len(text.split()) < len(begin.split()) + 10:
        called = 'generate_words(model, tokenizer, "Once upon", 10, temperature=0)'
        raise Wrong(called, f'"{begin}" and ten words more', repr(text))
    lab.show(f"Can generate text ({owner_of('sampler')})")
    lab.show(f'"Once upon" -> "{text.strip()}"')


@about()
def test_owners(lab):
    """Owners"""
    yours = [name for name in MODULES if owner_of(name) == "yours"]
    lab.show(f"Built by you: {len(yours)} of {len(MODULES)}")


if __name__ == "__main__":
    from tutor.showcase import main

    sys.exit(main(sys.modules[__name__]))
