"""Style: someone who knows the PyTorch tutorials: Dataset, RandomSampler and DataLoader."""

import json
import os

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, RandomSampler, default_collate

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


class WindowDataset(Dataset):
    """Item i is the window that starts at character i, and the same one character later."""

    def __init__(self, ids, block_size):
        self.ids = torch.as_tensor(ids, dtype=torch.long)
        self.block_size = block_size

    def __len__(self):
        return len(self.ids) - self.block_size

    def __getitem__(self, index):
        end = index + self.block_size
        return self.ids[index:end], self.ids[index + 1 : end + 1]


def get_batch(ids, batch_size, block_size, generator):
    dataset = WindowDataset(ids, block_size)
    sampler = RandomSampler(dataset, replacement=True, num_samples=batch_size, generator=generator)
    x, y = default_collate([dataset[index] for index in sampler])
    return x, y


def make_loader(ids, batch_size, block_size, batches, seed):
    """A loader of this many random batches."""
    generator = torch.Generator().manual_seed(seed)
    dataset = WindowDataset(ids, block_size)
    samples = max(1, batches * batch_size)
    sampler = RandomSampler(dataset, replacement=True, num_samples=samples, generator=generator)
    return DataLoader(dataset, batch_size=batch_size, sampler=sampler, generator=generator)


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=5, on_step=None
):
    loader = make_loader(ids, batch_size, block_size, steps, seed)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    before = model.training
    model.train()
    train_losses = []
    for step, (xb, yb) in zip(range(1, steps + 1), loader):
        output = model(xb)
        loss = criterion(output.permute(0, 2, 1), yb)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        train_losses.append(loss.item())
        if on_step:
            on_step(step, train_losses[-1])
    if not before:
        model.eval()
    return train_losses


def save_checkpoint(path, model, tokenizer):
    info = json.dumps({"config": model.config, "chars": tokenizer.vocab[3:]})
    torch.save({"info": info, "state": model.state_dict()}, f"{path}.new")
    os.replace(f"{path}.new", path)


def load_checkpoint(path):
    saved = torch.load(path, weights_only=True, map_location=torch.device("cpu"))
    info = json.loads(saved["info"])
    model = MiniGPT(**info["config"])
    model.load_state_dict(saved["state"])
    model.eval()
    tokenizer = CharTokenizer("".join(info["chars"]))
    return model, tokenizer
