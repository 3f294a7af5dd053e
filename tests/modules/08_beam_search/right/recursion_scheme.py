# Style: recursion, match and tuples, as a Haskell lover writes Python.
import torch


def with_eval(model, thunk):
    mode = model.training
    try:
        model.eval()
        with torch.no_grad():
            return thunk()
    finally:
        model.train(mode)


def log_p(model, xs):
    return torch.log_softmax(model(torch.tensor([xs[-model.config["block_size"] :]]))[0, -1], 0)


def log_probability(model, ids, start):
    xs = ids[0].tolist()

    def go(i):
        return 0.0 if i == len(xs) else log_p(model, xs[:i])[xs[i]].item() + go(i + 1)

    match start:
        case int() if 1 <= start <= len(xs):
            return with_eval(model, lambda: go(start))
        case _:
            raise ValueError("start is outside of the text")


def beam_search(model, ids, max_new_tokens, n_beams=4, length_penalty=0.0, eos_id=None):
    match (n_beams, max_new_tokens, ids.shape[1]):
        case (b, m, t) if b >= 1 and m >= 1 and t >= 1:
            pass
        case _:
            raise ValueError("n_beams, max_new_tokens and the prompt's length are 1 at least")

    def grade(beam):
        _, total, n, _ = beam
        return total / n**length_penalty

    def children(beam):
        match beam:
            case (_, _, _, True):
                return [beam]
            case (xs, total, n, False):
                row = log_p(model, xs).tolist()
                return [(xs + [i], total + p, n + 1, i == eos_id) for i, p in enumerate(row)]

    def go(beams, fuel):
        if fuel == 0 or all(done for *_, done in beams):
            return beams
        offspring = sum(map(children, beams), [])
        return go(sorted(offspring, key=grade, reverse=True)[:n_beams], fuel - 1)

    found = with_eval(model, lambda: go([(ids[0].tolist(), 0.0, 0, False)], max_new_tokens))
    return [(torch.tensor([beam[0]]), grade(beam)) for beam in found]
