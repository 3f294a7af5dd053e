"""What is said of a head is true: its role, its score, and what the model loses without it."""

import re

import pytest
import torch

from mini_gpt.paths import ROOT
from mini_gpt.support.looking import ablation, roles, sample
from mini_gpt.support.looking.captions import caption, judge
from mini_gpt.support.looking.listening import untrained
from scaffolds.reference import transformer
from scaffolds.reference.transformer import MiniGPT
from tests.support.models import SIZES
from tools import built_heads

PAGE = ROOT / "docs" / "07_attention_visualization.md"


def named(role, tokens):
    """Write down the places that a role names: a list for each token."""
    return [row.nonzero().flatten().tolist() for row in role(list(tokens))]


def test_roles_by_hand():
    """Each role names the places that its sentence says."""
    assert named(roles.back(0), "abc") == [[0], [1], [2]]
    assert named(roles.back(1), "abc") == [[], [0], [1]]
    assert named(roles.back(2), "abcd") == [[], [], [0], [1]]
    assert named(roles.start, "abc") == [[0], [0], [0]]
    assert named(roles.word_start, "ab cd. e") == [[], [0], [], [], [3], [], [], []]
    assert named(roles.last_space, "a b\nc ") == [[], [], [1], [1], [3], [3]]
    assert named(roles.last_same, "abaa") == [[], [], [0], [2]]
    assert named(roles.after_same, "abaa") == [[], [], [1], []]
    assert named(roles.every("a"), "baab") == [[], [1], [1, 2], [1, 2]]


def test_score_by_hand():
    """The score is 1 for always, 0 for an even guess, and what the formula says in between."""
    tokens = list("abcdefghij")
    before = roles.Role("looks at the character before", roles.back(1))
    always = roles.back(1)(tokens).float()
    always[0, 0] = 1
    even = torch.ones(10, 10).tril() / torch.arange(1, 11)[:, None]
    heads = torch.stack([always, even, (always + even) / 2])
    assert roles.score([heads], [tokens], before).tolist() == pytest.approx([1, 0, 0.5], abs=1e-6)
    assert roles.evenness([heads])[1] == pytest.approx(1)
    # Row t gives its all to one place and should give 1 / (t + 1): all but that must be moved.
    assert roles.evenness([heads])[0] == pytest.approx(0, abs=1e-6)
    assert roles.score([heads[:, :5, :5]], [tokens[:5]], before).isnan().all()  # 4 are too few


def test_too_alike_is_no_role():
    """Where the texts cannot tell two roles apart, none is claimed."""
    tokens = list("abababababab")  # the same letter always stands two before
    two_back = roles.back(2)(tokens).float()
    two_back[:2, 0] = 1
    ((said, nearest, score),) = judge([two_back[None]], [tokens])
    assert said == roles.NO_ROLE and score == 1 and "two" in nearest


def test_wider_role_is_no_rival():
    """A head that looks at the last space looks at spaces, too: the narrower role is its own."""
    tokens = list("ab cd ef gh ij kl ")
    last = roles.last_space(tokens).float()
    last[:3, 0] = 1
    ((said, _, score),) = judge([last[None]], [tokens])
    assert said == "looks at the last space" and score == 1


def test_built_heads_are_found():
    """At least 95 of 100 heads that were built to have a role are named right."""
    found = built_heads.judge_all(seed=1, samples=3)
    right = [said == name for _, name, said, _ in found]
    assert len(right) == 30 and sum(right) >= 0.95 * len(right)
    assert len({name for _, name, _, _ in found}) >= 8  # of many kinds
    built, named = re.search(
        r"^\| all \| (\d+) \| (\d+) \|", PAGE.read_text("utf-8"), re.M
    ).groups()
    assert int(built) == 100 and int(named) >= 95


def test_head_is_silent(sharp):
    """Without a head, what the layer mixes has zeros in its place. Afterwards all is as before."""
    model, tokenizer = sharp
    ids = torch.tensor([tokenizer.encode("hello world")])
    heard, true = [], transformer.causal_attention
    hooks = [
        block.attention.output.register_forward_pre_hook(lambda _, given: heard.append(given[0]))
        for block in model.blocks
    ]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        whole = model(ids)
        with ablation.without(model, 1, 0):
            model(ids)
    assert heard[3][..., :8].abs().max() == 0 < heard[3][..., 8:].abs().min()
    assert torch.equal(heard[2], heard[0])  # the first layer is as it was
    for hook in hooks:
        hook.remove()
    assert transformer.causal_attention is true
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(model(ids), whole)


def test_name_comes_back_after_an_error(sharp):
    """An error while a head is off leaves the true function in its place."""
    true = transformer.causal_attention
    with pytest.raises(IndexError), ablation.without(sharp[0], 0, 7):
        sharp[0](torch.tensor([[3, 4]]))
    assert transformer.causal_attention is true


def test_rise_is_the_loss_without_it(sharp):
    """What a caption says a head is worth is what is lost when its part of output is zero."""
    model, tokenizer = sharp
    chosen = sample.story(model, tokenizer)
    captions, whole = caption(model, chosen)
    with torch.no_grad():
        model.blocks[0].attention.output.weight[:, 8:] = 0  # layer 1, head 2, silenced by hand
        expected = ablation.loss(model, chosen.windows)
    assert captions[1].name == "layer 1, head 2"
    assert captions[1].loss == pytest.approx(expected, abs=1e-5)
    assert captions[1].rise == pytest.approx(expected - whole, abs=1e-5) and expected != whole


def test_untrained_is_where_it_began():
    """The untrained model has the numbers of the start; random numbers go on as they were."""
    torch.manual_seed(11)
    began = MiniGPT(16, **SIZES)
    state = torch.get_rng_state()
    again = untrained(began, 11)
    assert all(torch.equal(a, b) for a, b in zip(began.parameters(), again.parameters()))
    assert torch.equal(torch.get_rng_state(), state)
