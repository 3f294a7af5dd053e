"""Style: from first principles: Adam by hand, gradients from autograd.grad, no torch.optim."""

import os

import torch

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


class Adam:
    """Kingma and Ba, algorithm 1."""

    def __init__(self, weights, rate, beta1=0.9, beta2=0.99, epsilon=1e-8):
        self.weights = weights
        self.rate, self.beta1, self.beta2, self.epsilon = rate, beta1, beta2, epsilon
        self.first = [torch.zeros_like(w) for w in weights]
        self.second = [torch.zeros_like(w) for w in weights]
        self.t = 0

    @torch.no_grad()
    def update(self, gradients):
        self.t += 1
        fix1 = 1 - self.beta1**self.t
        fix2 = 1 - self.beta2**self.t
        for w, g, m, v in zip(self.weights, gradients, self.first, self.second):
            if g is None:
                continue
            m.mul_(self.beta1).add_(g, alpha=1 - self.beta1)
            v.mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)
            w -= self.rate * (m / fix1) / ((v / fix2).sqrt() + self.epsilon)


def get_batch(ids, batch_size, block_size, generator):
    ids = torch.as_tensor(ids)
    highest = ids.shape[0] - block_size - 1
    fractions = torch.rand(batch_size, generator=generator, dtype=torch.float64)
    first = (fractions * (highest + 1)).long().clamp(max=highest)
    where = first.view(-1, 1) + torch.arange(block_size + 1)
    both = ids[where]
    return both[:, :block_size], both[:, 1:]


def cross_entropy(logits, answers):
    """How surprised the model is, on average, by the characters that really come next."""
    right = torch.take_along_dim(logits, answers[..., None], dim=2)[..., 0]
    return (torch.logsumexp(logits, dim=2) - right).mean()


def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=23,
    on_step=None,
):
    coin = torch.Generator().manual_seed(seed)
    weights = [w for w in model.parameters() if w.requires_grad]
    adam = Adam(weights, learning_rate)
    was = model.training
    model.train()
    curve = []
    for _ in range(steps):
        questions, answers = get_batch(ids, batch_size, block_size, coin)
        surprise = cross_entropy(model(questions), answers)
        adam.update(torch.autograd.grad(surprise, weights, allow_unused=True))
        curve.append(surprise.item())
        if on_step:
            on_step(len(curve), curve[-1])
    model.train(mode=was)
    return curve


def save_checkpoint(path, model, tokenizer):
    memory = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    parts = {"memory": memory, "shape": dict(model.config), "signs": "".join(tokenizer.vocab[3:])}
    temporary = os.path.join(os.path.dirname(path), ".saving-" + os.path.basename(path))
    with open(temporary, "wb") as file:
        torch.save(parts, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def load_checkpoint(path):
    with open(path, "rb") as file:
        parts = torch.load(file, weights_only=True)
    model = MiniGPT(**parts["shape"])
    model.load_state_dict(parts["memory"])
    for module in model.modules():
        module.training = False
    return model, CharTokenizer(parts["signs"])
