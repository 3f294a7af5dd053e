"""Loop 2, the transformer: each token looks back at those before it, and guesses the next one."""

import sys

if __name__ == "__main__":  # the facts below run in a process of their own
    from tutor.telling.command import main

    sys.exit(main(__file__))

import inspect
import math

import torch
from torch.nn.functional import cross_entropy, scaled_dot_product_attention
from tutor.facts import parts, worked_out
from tutor.facts.models import (
    DEFAULTS,
    SMALL,
    TINY,
    belongings,
    has_dropout,
    lively_model,
    make_model,
    query_sizes,
    random_ids,
    random_qkv,
    random_rows,
    sizes_text,
    untrue_gradients,
)
from tutor.facts.parameters import likely_part, parameter_count
from tutor.facts.stand_ins import rescaled, rows_without_gradient, silence
from tutor.facts.tensors import distance, expect_close, expect_shape
from tutor.facts.unused import unused_layers
from tutor.facts.words import Wrong, about, expect_equal

ROUNDING = 1e-4
OVER_COLUMNS = "each column adds up to 1; the softmax runs over the wrong dimension"
OVER_HEADS = "the weights of all heads add up to 1; the softmax runs over them"
OWN_WAY = "in a way of its own. That is right too, but challenge 10 will expect the recipe's."


@about("causal_attention")
def test_attention_shapes(lab):
    """causal_attention returns one vector for each token, and the weights"""
    for sizes in [(2, 3, 5, 8), (1, 2, 7, 4), (3, 1, 1, 6), (1, 1, 99, 2), (2, 2, 3, 1)]:
        B, H, T, D = sizes
        called = lab.calls(f"causal_attention(q, k, v), each of shape {sizes}")
        result = lab.module.causal_attention(*random_qkv(*sizes))
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise Wrong(called, "two tensors, (output, weights)", result)
        output, weights = result
        if T != D and getattr(output, "shape", None) == (B, H, T, T):
            raise Wrong(called, "output first, then weights", "the two the other way round")
        expect_shape(called + ": output", output, (B, H, T, D), "float32")
        expect_shape(called + ": weights", weights, (B, H, T, T), "float32")


@about("causal_attention")
def test_future_is_hidden(lab):
    """No token looks ahead: every weight above the diagonal is 0"""
    called = lab.calls("the weights of causal_attention(q, k, v)")
    _, weights = lab.module.causal_attention(*random_qkv())
    q, k, v = random_qkv()
    T = q.shape[2]
    for t in range(T):
        ahead = float(weights[..., t, t + 1 :].abs().max()) if t + 1 < T else 0.0
        if ahead > 1e-6:
            likely = "nothing is hidden" if bool((weights > 0).all()) else ""
            if float(weights[..., -1, :-1].max()) < 1e-6:
                likely = "the past is hidden in place of the future"
            expected = f"token {t} gives 0 to later tokens"
            raise Wrong(called, expected, f"it gives {ahead:.2f}", likely)
    for t in range(T):
        if float(weights[..., t, : t + 1].min()) <= 0:
            seen = [j for j in range(t + 1) if float(weights[..., t, j].min()) > 0]
            likely = "the token itself is hidden" if seen == list(range(t)) else ""
            raise Wrong(called, f"token {t} sees the tokens 0 to {t}", f"it sees {seen}", likely)
    with torch.no_grad():
        changed = [x.clone() for x in (q, k, v)]
        for x in changed:
            x[:, :, 3:] += 1.0
        before, after = (lab.module.causal_attention(*x)[0][:, :, :3] for x in ([q, k, v], changed))
    if distance(before, after) > 1e-6:
        moved = f"they moved by {distance(before, after):.2f}"
        everywhere = torch.softmax(q @ k.mT / math.sqrt(k.shape[-1]), dim=-1)
        likely = "the softmax comes before the mask; it belongs after it"
        if distance(weights, everywhere.tril()) > ROUNDING:
            is_column = distance(weights.sum(dim=-2), torch.ones(weights.shape[:-1])) < ROUNDING
            likely = OVER_COLUMNS if is_column else ""
        called = "causal_attention with token 3 changed"
        raise Wrong(called, "outputs 0 to 2 unchanged", moved, likely)


@about("causal_attention")
def test_future_stays_hidden(lab):
    """However large the scores are, the future stays hidden"""
    q, noise, v = (x[:1, :1] for x in random_qkv())
    q = torch.full(q.shape, 130.0)
    low = 0.003 * noise - 130.0  # every score is near -48,000
    rising = torch.linspace(-7, 7, q.shape[2])[:, None].expand(q.shape)  # from -2,600 to 2,600
    cases = {"scores near -48,000": (q, low, v), "scores from -2,600 to 2,600": (q, rising, v)}
    for words, qkv in (cases | {"1,100 tokens": random_qkv(1, 1, 1100, 2)}).items():
        called = lab.calls(f"the weights of causal_attention, with {words}")
        _, weights = lab.module.causal_attention(*(x.clone() for x in qkv))
        ahead = float(weights.triu(1).max())
        if ahead > 1e-6:  # not a number is no leak: some ways to calculate end here
            likely = "the number that hides the future is not small enough; minus infinity is"
            likely = likely if words in cases else "is the mask as long as the text?"
            raise Wrong(called, "0 for every later token", f"{ahead:.2f} for one of them", likely)


@about("causal_attention")
def test_weights_are_shares(lab):
    """The weights that a token gives away make 1 together"""
    called = lab.calls("weights.sum(dim=-1) of causal_attention(q, k, v)")
    q, k, v = random_qkv()
    steep = torch.linspace(0, 100, q.shape[2])[:, None] + 0 * q  # scores from 0 to 280
    for given in [(q, k, v), (steep, 1 + 0.01 * k, v)]:
        _, weights = lab.module.causal_attention(*given)
        off = (weights.sum(dim=-1) - 1).abs()
        if not float(off.max()) <= ROUNDING:  # so that what is not a number is seen too
            sums = {OVER_COLUMNS: weights.sum(dim=-2), OVER_HEADS: weights.sum(dim=1)}
            likely = [c for c, s in sums.items() if float((s - 1).abs().max()) < ROUNDING]
            got = f"{float(weights.sum(dim=-1).reshape(-1)[off.argmax()]):.2f} for one of them"
            raise Wrong(called, "1.00 for every token", got, *likely[:1])


@about("causal_attention")
def test_weights_match(lab):
    """A token gives more weight where query and key agree"""
    q, k, v = random_qkv()
    T, D = q.shape[-2:]

    def right(q, k, scale):
        scores = torch.einsum("bhtd,bhsd->bhts", q, k) * scale
        hidden = torch.arange(T)[:, None] < torch.arange(T)
        return torch.softmax(scores.masked_fill(hidden, float("-inf")), dim=-1)

    causes = {
        "the scores are not divided by sqrt(D)": right(q, k, 1),
        "the scores are divided by D, not by its square root": right(q, k, 1 / D),
        "the scores are multiplied by sqrt(D); divide": right(q, k, math.sqrt(D)),
        "the scale is the square root of T, not of D": right(q, k, 1 / math.sqrt(T)),
        "queries and keys are the wrong way round": right(k, q, 1 / math.sqrt(D)),
        "the keys are not used": right(q, q, 1 / math.sqrt(D)),
        "the values are used as keys": right(q, v, 1 / math.sqrt(D)),
    }
    _, weights = lab.module.causal_attention(*random_qkv())
    called = lab.calls("the weights of causal_attention(q, k, v), against softmax(q k^T / sqrt(D))")
    expect_close(called, weights, right(q, k, 1 / math.sqrt(D)), causes, ROUNDING)


@about("causal_attention")
def test_output_is_a_mixture(lab):
    """The output of a token is the values, mixed by its weights"""
    for sizes, sharpness in [((2, 3, 5, 8), 1), ((1, 2, 4, 4), 1), ((1, 1, 40, 8), 8)]:
        q, k, v = (x * s for x, s in zip(random_qkv(*sizes), (sharpness, 1, 1)))
        output, weights = lab.module.causal_attention(q.clone(), k.clone(), v.clone())
        causes = {
            "the weights are applied to the keys; they belong to the values": weights @ k,
            "the weights are applied to the queries; they belong to the values": weights @ q,
            "the values are added up without the weights": v.cumsum(dim=2),
        }
        expected = scaled_dot_product_attention(q, k, v, is_causal=True)
        called = lab.calls("output of causal_attention, against PyTorch's own attention")
        expect_close(called, output, expected, causes, ROUNDING)


@about("causal_attention")
def test_inputs_stay(lab):
    """causal_attention leaves q, k and v as they were, and gradients reach all three"""
    given = random_qkv()
    kept = [x.clone() for x in given]
    lab.module.causal_attention(*given)
    for name, now, before in zip("qkv", given, kept):
        if distance(now, before) > 0:
            got = f"{name} was changed in place"
            raise Wrong("causal_attention(q, k, v)", f"{name} unchanged", got)
    given = [x.requires_grad_() for x in kept]
    output, _ = lab.module.causal_attention(*given)
    if not output.requires_grad:
        raise Wrong("backward through causal_attention", "a gradient for q, k and v", "none at all")
    (output * random_qkv()[0]).sum().backward()
    for name, x in zip("qkv", given):
        if x.grad is None or float(x.grad.abs().max()) == 0:
            raise Wrong("backward through causal_attention", f"a gradient for {name}", "none")


@about("SelfAttention.forward", "SelfAttention.__init__", "MiniGPT.__init__")
def test_self_attention(lab):
    """SelfAttention cuts q, k and v, looks back in each head, and joins the heads"""
    called = lab.calls("SelfAttention(n_embd=12, n_head=3)(x) with x of shape (2, 7, 12)")
    part = parts.find_part(lab.module, lively_model(lab, **SMALL), "SelfAttention")
    if part is None:
        return lab.leave_open()  # the file has no such class, or its layers have other names
    x, n_head = random_rows(2, 7, 12), SMALL["n_head"]
    ways = parts.look_back(part, x, n_head)
    if parts.expect_way(called, part, x, ways, lambda: parts.attention_slips(part, x, n_head)):
        lab.remark(f"SelfAttention cuts qkv {OWN_WAY}")


@about("Block.forward", "Block.__init__", "MiniGPT.__init__")
def test_block(lab):
    """Block adds what attention found, then what the small network made of it"""
    called = lab.calls("Block(n_embd=12, n_head=3)(x) with x of shape (2, 7, 12)")
    part = parts.find_part(lab.module, lively_model(lab, **SMALL), "Block")
    if part is None or not parts.takes_one(part.attention):
        return lab.leave_open()  # the file has no such class, or its layers have other names
    x = random_rows(2, 7, 12)
    ways = parts.one_layer(part, x)
    if parts.expect_way(called, part, x, ways, lambda: parts.block_slips(part, x)):
        lab.remark(f"Block places its norms {OWN_WAY}")


@about("MiniGPT.forward")
def test_output_shape(lab):
    """The model gives one score for each possible next token"""
    called = lab.calls("MiniGPT()(ids) with ids of shape (2, 10)")
    logits = make_model(lab)(random_ids(2, 10, 100))
    expect_shape(called, logits, (2, 10, 100), "float32")
    lab.show(f"Output shape: {tuple(logits.shape)}")
    model, longest = make_model(lab, **SMALL), SMALL["block_size"]
    for B, T in [(1, 1), (3, 4), (1, longest), (longest + 1, 2)]:
        called = lab.calls(f"MiniGPT({sizes_text(SMALL)})(ids) with ids of shape {(B, T)}")
        logits = model(random_ids(B, T, SMALL["vocab_size"]))
        expect_shape(called, logits, (B, T, SMALL["vocab_size"]), "float32")
    too_long = random_ids(1, longest + 1, SMALL["vocab_size"])
    lab.remark_unless_refused("A text longer than block_size", lambda: model(too_long))


@about("MiniGPT.__init__")
def test_config(lab):
    """config holds the five sizes that the model was made with"""
    lab.calls(f"MiniGPT() and MiniGPT({sizes_text(SMALL)})")
    for sizes, model in [({}, make_model(lab)), (SMALL, make_model(lab, **SMALL))]:
        called = lab.calls(f"MiniGPT({sizes_text(sizes)}).config")
        config = getattr(model, "config", None)
        if not isinstance(config, dict):
            raise Wrong(called, "a dict", config)
        for name, value in (DEFAULTS | sizes).items():
            if config.get(name) != value or not isinstance(config[name], int):
                got = f"{name} is {config.get(name, 'missing')}"
                raise Wrong(called, f"{name} is {value}", got)
        expect_equal(called + ", its names", sorted(config), sorted(DEFAULTS))
    order = list(inspect.signature(lab.module.MiniGPT).parameters)
    if set(DEFAULTS) <= set(order):
        called = lab.calls("the arguments of MiniGPT, in their order")
        expect_equal(called, order[: len(DEFAULTS)], list(DEFAULTS))
    unfit = SMALL | {"n_head": 5}
    what = "An n_embd that n_head does not divide"
    lab.remark_unless_refused(what, lambda: make_model(lab, **unfit))


@about("MiniGPT.__init__")
def test_parameters(lab):
    """The model has as many parameters as the plan says"""
    for sizes in [DEFAULTS, SMALL, TINY | {"n_layer": 3}, TINY | {"n_head": 4}]:
        model = make_model(lab, **sizes)
        count = sum(parameter.numel() for parameter in model.parameters())
        plan = parameter_count(**sizes)
        expected = sum(plan.values())
        if count != expected:
            text = sizes_text(sizes) if sizes != DEFAULTS else ""
            called = lab.calls(f"the parameters of MiniGPT({text})")
            too = "few" if count < expected else "many"
            got = f"{count:,}, that is {abs(expected - count):,} too {too}"
            raise Wrong(called, f"{expected:,}", got, likely_part(expected - count, plan, sizes))
        if sizes == DEFAULTS:
            lab.show(f"Total parameters: {count:,}")


@about("MiniGPT.forward", "MiniGPT.__init__")
def test_untrained_guess(lab):
    """An untrained model guesses about evenly: its loss is near ln V"""
    V = 40
    model = make_model(lab, vocab_size=V, n_embd=32, n_head=2, n_layer=2, block_size=16)
    ids = random_ids(8, 16, V)
    with torch.no_grad():
        logits = model(ids)
    shares = logits.sum(dim=-1)
    if float(logits.min()) >= 0 and float((shares - 1).abs().max()) < 1e-3:
        likely = "a softmax is applied to the logits; the loss will do that itself"
        got = "numbers that make 1 together"
        raise Wrong("MiniGPT(...)(ids)", "logits, any numbers", got, likely)
    loss = float(cross_entropy(logits.flatten(0, 1), random_ids(16, 8, V).flatten()))
    if not 0.7 * math.log(V) < loss < 2 * math.log(V):
        called = lab.calls(f"the loss of an untrained model with {V} tokens, on random ids")
        raise Wrong(called, f"about ln {V} = {math.log(V):.2f}", f"{loss:.2f}")


@about("MiniGPT.forward")
def test_no_look_ahead(lab):
    """Changing a token leaves every earlier output as it was, and moves the later ones"""
    model = lively_model(lab, **SMALL)
    ids = random_ids(2, 9, SMALL["vocab_size"])
    for t in (0, 4, 8):
        changed = ids.clone()
        changed[:, t] = (ids[:, t] + 1) % SMALL["vocab_size"]
        with torch.no_grad():
            moved = (model(ids) - model(changed)).abs().amax(dim=(0, 2))
        called = lab.calls(f"MiniGPT(...)(ids) with token {t} changed")
        if t and float(moved[:t].max()) > 1e-5:
            place = int(moved[:t].argmax())
            got = f"output {place} moved by {float(moved[place]):.2f}: it sees the future"
            raise Wrong(called, f"outputs 0 to {t - 1} unchanged", got)
        for place in range(t, 9):
            if float(moved[place]) < 1e-6:
                got = f"output {place} did not move: it does not see token {t}"
                raise Wrong(called, f"outputs {t} to 8 changed", got)


@about("MiniGPT.forward")
def test_same_beginning(lab):
    """The same beginning gives the same outputs, however long the text is"""
    model, T = lively_model(lab, **SMALL | {"n_layer": 3}), SMALL["block_size"]
    ids = random_ids(2, T, SMALL["vocab_size"])
    with torch.no_grad():
        whole = model(ids)
        for t in range(1, T):
            called = lab.calls(f"MiniGPT(...) with the first {t} of {T} tokens, and with all")
            moved = distance(model(ids[:, :t]), whole[:, :t])
            if moved > ROUNDING:
                expected, got = f"the same first {t} outputs", f"they differ by {moved:.2f}"
                small = make_model(lab, **SMALL)
                raise Wrong(called, expected, got, lambda: worked_out.likely_slip(small, ids))
        for row in (0, 1):
            called = lab.calls("MiniGPT(...) with a text alone, and beside another one")
            moved = distance(model(ids[row : row + 1]), whole[row : row + 1])
            if moved > ROUNDING:
                got = f"they differ by {moved:.2f}: it sees the other text"
                raise Wrong(called, "the same outputs", got)


@about("MiniGPT.forward")
def test_positions(lab):
    """The model knows where a token stands"""
    with torch.no_grad():
        rows = lively_model(lab, **TINY)(torch.full((1, 5), 3))[0]
    for t in range(1, 5):
        if distance(rows[t], rows[t - 1]) < 1e-6:
            called = lab.calls("MiniGPT(...) on five equal tokens")
            got = f"the same output at places {t - 1} and {t}"
            raise Wrong(called, "another output at each place", got)


@about("Block.forward", "MiniGPT.forward")
def test_skip_connections(lab):
    """Each layer adds to what was there: with all layers at 0, a token still gets through"""
    outer = {SMALL["vocab_size"], SMALL["block_size"]}
    model = lively_model(lab, **SMALL)
    silence(model, lambda shape: len(shape) >= 2 and not outer & set(shape))
    with torch.no_grad():
        first, second = model(torch.tensor([[1], [2]]))
    if distance(first, second) < 1e-6:
        called = lab.calls("MiniGPT(...) with the weights of all blocks at 0, for the ids 1 and 2")
        got = "the same output: nothing of the token is left"
        raise Wrong(called, "two different outputs", got, "a skip connection is missing")
    model = lively_model(lab, **SMALL)
    silence(model, lambda shape: len(shape) >= 2 and 4 * SMALL["n_embd"] in shape)
    with torch.no_grad():
        first, second = model(torch.tensor([[1, 3], [2, 3]]))[:, -1]
    if distance(first, second) < 1e-6:
        words = "with the feed-forward weights at 0, for the ids 1, 3 and 2, 3"
        called = lab.calls(f"MiniGPT(...) {words}")
        got = "the same output after 3: what attention found is lost"
        raise Wrong(called, "two different outputs", got)


@about("Block.__init__", "Block.forward", "MiniGPT.__init__")
def test_activation(lab):
    """Something bends the numbers between the two layers of the feed-forward part"""
    ids, wide = random_ids(2, 9, SMALL["vocab_size"]), 4 * SMALL["n_embd"]
    plain = lively_model(lab, **SMALL)
    if not any(wide in parameter.shape for parameter in plain.parameters()):
        return  # its layers are cut in pieces
    turned, scaled = (rescaled(lively_model(lab, **SMALL), wide, by) for by in (-1.0, 2.0))
    with torch.no_grad():
        same = [distance(plain(ids), model(ids)) < 1e-4 for model in (turned, scaled)]
    if all(same):
        words = "with the first layer of each feed-forward part times 2, the second / 2"
        called = lab.calls(f"MiniGPT(...) {words}")
        likely = "two layers with nothing between them are only one: an activation is missing"
        expected = "another output: something must bend the numbers between the two"
        raise Wrong(called, expected, "the same", likely)


@about("SelfAttention.forward", "MiniGPT.__init__")
def test_heads(lab):
    """The heads work apart: another n_head gives another result from the same parameters"""
    D = SMALL["n_embd"] // SMALL["n_head"]
    sizes = query_sizes(lab, **SMALL)
    if any(size != D for size in sizes):
        called = lab.calls(f"MiniGPT({sizes_text(SMALL)}): the queries given to causal_attention")
        likely = "the number of heads and their size are exchanged" if sizes[0] == 3 else ""
        raise Wrong(called, f"{D} numbers for each head", f"{sizes[0]} numbers", likely)
    one, three = (make_model(lab, **(SMALL | {"n_head": n})) for n in (1, 3))
    shapes = [{name: tuple(p.shape) for name, p in m.named_parameters()} for m in (one, three)]
    if shapes[0] != shapes[1]:
        return  # each head has layers of its own; then n_head is at work already
    with torch.no_grad():
        for parameter in one.parameters():
            parameter.normal_(generator=torch.Generator().manual_seed(parameter.numel()))
        for target, parameter in zip(three.parameters(), one.parameters()):
            target.copy_(parameter)
        ids = random_ids(2, 9, SMALL["vocab_size"])
        if distance(one(ids), three(ids)) < 1e-4:
            called = lab.calls("MiniGPT(n_head=1) and MiniGPT(n_head=3) with the same parameters")
            raise Wrong(called, "different outputs", "the same: n_head makes no difference")


@about("MiniGPT.__init__", "MiniGPT.forward", "Block.forward", "SelfAttention.forward")
def test_every_parameter_learns(lab):
    """Every parameter gets its gradient, and nothing of it is held back"""
    V, T = SMALL["vocab_size"], 99  # a long text, so that many positions are used
    model = lively_model(lab, **SMALL | {"block_size": T})
    ids, answers = random_ids(8, T, V), random_ids(T, 8, V).flatten()
    loss = cross_entropy(model(ids).flatten(0, 1), answers)
    if not loss.requires_grad:
        expected = "a gradient for every parameter"
        raise Wrong("backward from the loss", expected, "no gradient at all")
    loss.backward()
    for name, parameter in model.named_parameters():
        learns = parameter.grad is not None and float(parameter.grad.abs().max()) > 0
        # A bias of the keys moves all scores of a token alike, so its gradient may be zero.
        if not learns and (parameter.grad is None or parameter.ndim > 1):
            got = "none: the loss does not depend on it"
            expected, unused = f"a gradient for {name}", unused_layers(model, ids)
            raise Wrong("backward from the loss", expected, got, unused)
        if idle := rows_without_gradient(parameter, but=V):
            got = f"none for {idle} of its rows or columns: nothing uses them"
            raise Wrong("backward from the loss", f"a gradient for all of {name}", got)
    for name, moves, said in untrue_gradients(lively_model(lab, **SMALL)):
        called = lab.calls(f"a small step of {name}, and what its gradient says of it")
        expected, got = f"the loss moves by {moves:.3f} a step", f"the gradient says {said:.3f}"
        likely = "detach, .data or no_grad holds back a part of the gradient"
        raise Wrong(called, expected, got, likely)


@about("MiniGPT.forward", "Block.forward", "MiniGPT.__init__")
def test_plan(lab):
    """The whole model calculates what the plan says"""
    ids = random_ids(2, 7, SMALL["vocab_size"])
    model, deep = (lively_model(lab, **SMALL | {"n_layer": n}) for n in (SMALL["n_layer"], 5))
    named = parts.find_part(lab.module, deep, "MiniGPT") and parts.takes_one(deep.blocks[0])
    if named:
        called = lab.calls("MiniGPT(...)(ids), against its own embeddings, blocks, norm and head")
        ways = parts.whole_model(deep, ids)
        if parts.expect_way(called, deep, ids, ways, lambda: parts.model_slips(deep, ids)):
            lab.remark(f"MiniGPT begins {OWN_WAY}")
    if not worked_out.fill(model):  # its feed-forward part is cut in pieces
        return None if named else lab.leave_open()
    called = lab.calls("MiniGPT(...)(ids), with weights that are all 0.2, 0.025 or their negative")
    with torch.no_grad():
        logits = model(ids)
    if not worked_out.is_right(ids, logits):
        right, got = (float(x[0, -1, 0]) for x in (worked_out.calculate(ids), logits))
        expected = f"{right:.2f} for id 0 after the last token"
        raise Wrong(called, expected, f"{got:.2f}", lambda: worked_out.likely_slip(model, ids))


@about("MiniGPT.forward")
def test_nothing_random(lab):
    """The same ids give the same output, and nothing else is touched"""
    model, outputs = make_model(lab, **SMALL), []
    ids = random_ids(2, 9, SMALL["vocab_size"])
    kept = ids.clone()
    for mode in (True, False):
        before = belongings(model.train(mode))
        with torch.no_grad():
            outputs += [model(ids), model(ids)]
        if belongings(model) != before:
            got = "its config, its layers or their mode is another"
            raise Wrong("MiniGPT(...)(ids)", "the model stays as it was", got)
    if not torch.equal(ids, kept):
        raise Wrong("MiniGPT(...)(ids)", "ids unchanged", "ids were changed in place")
    if distance(outputs[0], outputs[1]) > 0:
        got = f"outputs that differ by {distance(outputs[0], outputs[1]):.2f}"
        likely = "a Dropout layer is at work" if has_dropout(model) else ""
        raise Wrong("the same ids twice, in train mode", "the same output twice", got, likely)
    if distance(outputs[0], outputs[2]) > 1e-5:
        raise Wrong("train mode and eval mode", "the same output", "different outputs")


@about("MiniGPT.__init__")
def test_no_seed(lab):
    """Making a model leaves the seed of the random numbers to you"""
    drawn = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        model = lab.module.MiniGPT(**TINY)
        drawn.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
        drawn.append(torch.rand(4))
    called = lab.calls("MiniGPT(...) after torch.manual_seed(1) and (2)")
    if distance(drawn[1], drawn[3]) == 0:
        likely = "MiniGPT sets the seed itself; take that line away"
        raise Wrong(called, "different numbers", "the same random numbers after it", likely)
    if distance(drawn[0], drawn[2]) == 0:
        raise Wrong(called, "different models", "the same model twice")
