# Style: Karpathy's makemore.py from memory: CharDataset, InfiniteDataLoader, while True.
import os

import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torch.utils.data.sampler import RandomSampler

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

# -----------------------------------------------------------------------------
# helper functions for creating the training Dataset


class CharDataset(Dataset):
    def __init__(self, data, block_size):
        self.data = torch.as_tensor(data, dtype=torch.long)
        self.block_size = block_size
        if self.data.numel() < block_size + 1:
            raise ValueError(f"text too short for block_size {block_size}")

    def __len__(self):
        return len(self.data) - self.block_size

    def __getitem__(self, idx):
        chunk = self.data[idx : idx + self.block_size + 1]
        return chunk[:-1], chunk[1:]


class InfiniteDataLoader:
    """
    this is really hacky and I'm not proud of it, but there doesn't seem to be
    a better way in PyTorch to just create an infinite dataloader?
    """

    def __init__(self, dataset, batch_size, generator):
        sampler = RandomSampler(
            dataset, replacement=True, num_samples=int(1e10), generator=generator
        )
        self.loader = DataLoader(dataset, batch_size, sampler=sampler, generator=generator)
        self.data_iter = iter(self.loader)

    def next(self):
        try:
            batch = next(self.data_iter)
        except StopIteration:  # this will technically only happen after 1e10 samples...
            self.data_iter = iter(self.loader)
            batch = next(self.data_iter)
        return batch


def get_batch(ids, batch_size, block_size, generator):
    X, Y = InfiniteDataLoader(CharDataset(ids, block_size), batch_size, generator).next()
    return X, Y


# -----------------------------------------------------------------------------


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError("steps must be at least 1")

    # init optimizer
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=learning_rate, weight_decay=0.01, betas=(0.9, 0.99), eps=1e-8
    )

    # init dataloader
    g = torch.Generator().manual_seed(seed)
    batch_loader = InfiniteDataLoader(CharDataset(ids, block_size), batch_size, g)

    # training loop
    was_training = model.training
    model.train()
    lossi = []
    step = 0
    while True:
        # get the next batch, and unpack it to X, Y
        X, Y = batch_loader.next()

        # feed into the model
        logits = model(X)
        loss = F.cross_entropy(logits.view(-1, logits.size(-1)), Y.view(-1))

        # backprop, update the weights
        model.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

        # logging
        lossi.append(loss.item())
        step += 1
        if on_step is not None:
            on_step(step, loss.item())

        # termination conditions
        if step >= steps:
            break
    model.train(was_training)
    return lossi


# -----------------------------------------------------------------------------


def save_checkpoint(path, model, tokenizer):
    out_path = str(path) + ".tmp"
    ckpt = dict(config=model.config, vocab=tokenizer.vocab, model=model.state_dict())
    try:
        torch.save(ckpt, out_path)
        os.replace(out_path, path)
    finally:
        if os.path.exists(out_path):
            os.remove(out_path)


def load_checkpoint(path):
    ckpt = torch.load(path, map_location="cpu", weights_only=True)
    itos = ckpt["vocab"]
    model = MiniGPT(**ckpt["config"])
    model.load_state_dict(ckpt["model"])
    model.eval()
    return model, CharTokenizer("".join(itos[3:]))
