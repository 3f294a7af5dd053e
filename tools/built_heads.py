"""Build heads with a known role, and see whether the captions of `look` find it.

python tools/built_heads.py                100 heads: the table in docs/07_*.md
python tools/built_heads.py --rounds 10    these and 900 others

Six of ten heads are attention weights: the places of the role get most, more in some rows than in
others, and noise gets the rest. Four of ten are heads of a real MiniGPT, whose queries and keys
were chosen so that it must look there. Some were built to have no role, or half of two.
"""

import argparse
import math
import random
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from torch import Tensor  # noqa: E402

from mini_gpt.support.looking import roles  # noqa: E402
from mini_gpt.support.looking.captions import judge  # noqa: E402
from scaffolds.reference.attention_map import record_attention  # noqa: E402
from scaffolds.reference.tokenizer import CharTokenizer  # noqa: E402
from scaffolds.reference.transformer import MiniGPT  # noqa: E402

WORDS = """a old red blue hen fox wolf pond river house light stone winter summer apple bread garden
window morning yellow silver under over into before after sings runs sleeps looks jumps finds hides
brings little quiet seven every never always because nobody letter candle bridge""".split()
PIECES, LENGTH = 12, 64
SAMPLES = 10  # each has texts of its own, and ten heads
WIDTH, N_HEAD = 128, 4  # of the built models: half for the token, half for the place
SHARP = 6.0


def write_texts(dice: random.Random) -> list[list[str]]:
    """Write pieces of nonsense, of other words and stops in each sample."""
    words, stops = dice.sample(WORDS, 25), dice.choice([" ", "  ", ". ", ", ", "\n"])
    text = ""
    while len(text) < PIECES * LENGTH:
        text += dice.choice(words) + dice.choice([" ", " ", " ", stops])
    return [list(text[n * LENGTH : (n + 1) * LENGTH]) for n in range(PIECES)]


def noise(n: int, kind: str, generator: torch.Generator) -> Tensor:
    """Make a map without a role, (n, n): even, sharp here and there, or rather at the start."""
    spread = {"even": 0.3, "sharp": 3.0, "start": 1.0}[kind]
    scores = spread * torch.randn(n, n, generator=generator)
    if kind == "start":
        scores[:, 0] += 2
    hidden = torch.ones(n, n).triu(1) > 0
    return scores.masked_fill(hidden, -math.inf).softmax(-1)


def weights_of(role: roles.Role, tokens: list[str], strength: float, rest: Tensor) -> Tensor:
    """Give most of each row to the places of a role, and what is left to the noise.

    How much the places get differs from row to row, by 0.1 up or down, as the noise has it.
    """
    named = role.places(tokens)
    count = named.sum(-1, keepdim=True)
    share = (strength + 0.2 * rest[:, :1].sqrt() - 0.1).clamp(0, 1) * (count > 0)
    return share * named / count.clamp(min=1) + (1 - share) * rest


def weight_heads(texts: list[list[str]], dice: random.Random) -> tuple[list[str], list[Tensor]]:
    """Build six heads out of weights. Returns what they do, and (6, T, T) for each text."""
    known = [*roles.ROLES, dice.choice(roles.roles_for(texts)[-9:])]
    deck, names, heads = dice.sample(known, len(known)), [], []
    for kind in dice.sample(["role"] * 4 + ["none", "none", "half", "even"], 6):
        generator = torch.Generator().manual_seed(dice.randrange(2**31))
        role, around = deck.pop(), dice.choice(["even", "sharp", "start"])
        names.append({"role": role.sentence, "even": roles.EVEN}.get(kind, roles.NO_ROLE))
        strength = dice.uniform(0.6, 0.95)
        one, other = dice.sample(roles.ROLES[:4], 2)  # those that name a place for every token
        maps = []
        for tokens in texts:
            rest = noise(
                len(tokens), {"none": "sharp", "even": "even"}.get(kind, around), generator
            )
            if kind == "half":
                rest = weights_of(one, tokens, 0.4, weights_of(other, tokens, 0.7, rest))
            maps.append(weights_of(role, tokens, strength, rest) if kind == "role" else rest)
        heads.append(maps)
    return names, [torch.stack(maps) for maps in zip(*heads)]


def place_vectors(n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Make a vector of waves for each place, (n, WIDTH / 2), and the speed of each wave."""
    speeds = math.pi * torch.rand(WIDTH // 4, generator=generator)
    angles = torch.arange(n)[:, None] * speeds
    return torch.cat([angles.cos(), angles.sin()], dim=-1) * math.sqrt(2), speeds


def turned(speeds: Tensor, steps: int) -> Tensor:
    """Make the matrix that turns the vector of a place into the one so many places before."""
    cos, sin = (steps * speeds).cos().diag(), (steps * speeds).sin().diag()
    return torch.cat([torch.cat([cos, sin], 1), torch.cat([-sin, cos], 1)])


def choose_head(name: str, model, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Choose the queries of a head: matrix (D, WIDTH) and bias (D,), and the matrix of its keys."""
    half, D = WIDTH // 2, WIDTH // N_HEAD
    waves = torch.arange(D // 2)
    seen = torch.eye(half)[
        torch.cat([waves, waves + half // 2])
    ]  # so many waves as a head has room
    query, key, bias = torch.zeros(D, WIDTH), torch.zeros(D, WIDTH), torch.zeros(D)
    places = model.position_embedding.weight[:, half:]
    if name in BACK:
        key[:, half:], query[:, half:] = seen, seen @ turned(model.speeds, BACK[name])
    elif name == "start":
        key[:, half:], bias = seen, seen @ places[0]
    elif name == "none":
        query[:, :half], key[:, :half] = (torch.randn(2, D, half, generator=generator)) / 4
    elif name != "even":  # the id of a token
        key[:, :half] = torch.randn(D, half, generator=generator) / math.sqrt(D)
        bias = key[:, :half] @ model.token_embedding.weight[int(name), :half]
    return query, bias, key


BACK = {"itself": 0, "before": 1, "two before": 2}
SAID = dict(zip(["itself", "before", "two before", "start"], (r.sentence for r in roles.ROLES)))
SAID |= {"none": roles.NO_ROLE, "even": roles.EVEN}


def build_model(names: list[str], vocab_size: int, seed: int) -> MiniGPT:
    """Build a model of one layer with a head for each name."""
    generator = torch.Generator().manual_seed(seed)
    model = MiniGPT(vocab_size, WIDTH, N_HEAD, 1, LENGTH)
    half, D = WIDTH // 2, WIDTH // N_HEAD
    with torch.no_grad():
        signs = torch.randint(0, 2, (vocab_size, half), generator=generator) * 2.0 - 1
        places, model.speeds = place_vectors(LENGTH, generator)
        model.token_embedding.weight[:] = torch.cat([signs, torch.zeros(vocab_size, half)], 1)
        model.position_embedding.weight[:] = torch.cat([torch.zeros(LENGTH, half), places], 1)
        qkv = model.blocks[0].attention.qkv
        qkv.weight[:] = 0.02 * torch.randn(qkv.weight.shape, generator=generator)
        qkv.bias.zero_()
        for head, name in enumerate(names):
            query, bias, key = choose_head(name, model, generator)
            rows = slice(head * D, (head + 1) * D)
            sharp = SHARP / math.sqrt(D) * (0.8 + 0.4 * torch.rand(1, generator=generator))
            qkv.weight[rows] += sharp * query
            qkv.bias[rows] = sharp * bias
            qkv.weight[WIDTH:][rows] += key
    return model.eval()


def model_heads(texts: list[list[str]], dice: random.Random) -> tuple[list[str], list[Tensor]]:
    """Build a model with four heads. Returns what they do, and (4, T, T) for each text."""
    tokenizer = CharTokenizer("".join(token for tokens in texts for token in tokens))
    letter = tokenizer.encode("e")[0]
    names = dice.sample([*BACK, "start", str(letter), "none", "even"], N_HEAD)
    model = build_model(names, tokenizer.vocab_size, dice.randrange(2**31))
    said = [SAID.get(name, 'looks for "e"') for name in names]
    ids = [torch.tensor([tokenizer.encode("".join(tokens))]) for tokens in texts]
    return said, [record_attention(model, text)[0] for text in ids]


def judge_all(seed: int, samples: int = SAMPLES) -> list[tuple[str, str, str, float]]:
    """Build ten heads for each sample, and judge them.

    Returns:
        For each head: how it was built, what it was built to do, what was said, and the score.
    """
    dice = random.Random(seed)
    found = []
    for _ in range(samples):
        texts = write_texts(dice)
        for built, make in {"weights": weight_heads, "model": model_heads}.items():
            names, maps = make(texts, dice)
            for name, (said, _, score) in zip(names, judge(maps, texts)):
                found.append((built, name, said, score))
    return found


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=1, help="of 100 heads each, default 1")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = [head for seed in range(1, options.rounds + 1) for head in judge_all(seed)]
    built, right = Counter(), Counter()
    for _, name, said, _ in found:
        kind = "looks for one character" if name.startswith("looks for") else name
        built[kind] += 1
        right[kind] += said == name
    print("| built to be a head that ... | heads | named so |\n|---|---:|---:|")
    for kind, count in sorted(built.items(), key=lambda item: -item[1]):
        print(f"| {kind} | {count} | {right[kind]} |")
    print(f"| all | {built.total()} | {right.total()} |")
    for how, name, said, score in found:
        if said != name:
            print(f"wrong, {how}: {name!r} was called {said!r}, {score:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
