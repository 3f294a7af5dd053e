# trainer.py
# (ported my brain from JS: camelCase is mine, snake_case is what the course wants)

import os

import torch
import torch.nn.functional as F

CHECKPOINT_VERSION = 1


def get_batch(ids, batch_size, block_size, generator):
    # how many start places are there? (the last window needs one more id for its answer)
    numStarts = len(ids) - block_size
    if numStarts < 1:
        raise ValueError(f"ids too short: {len(ids)}, need {block_size + 1}")

    # empty "arrays" first, filled below
    x = torch.zeros(batch_size, block_size, dtype=torch.int64)
    y = torch.zeros(batch_size, block_size, dtype=torch.int64)

    starts = torch.randint(0, numStarts, (batch_size,), generator=generator).tolist()
    for i, start in enumerate(starts):
        chunk = torch.as_tensor(ids[start : start + block_size + 1], dtype=torch.int64)
        x[i] = chunk[:-1]
        y[i] = chunk[1:]  # PREDICT: which ids are in y, if x is [5, 6, 7]?

    return x, y


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError(f"steps must be >= 1, got {steps}")

    # a seeded random source (like seedrandom)
    generator = torch.Generator()
    generator.manual_seed(seed)

    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    device = next(model.parameters()).device
    losses = []

    # switch to train mode, remember the old one
    wasTraining = model.training
    model.train()

    try:
        for i in range(steps):
            x, y = get_batch(ids, batch_size, block_size, generator)
            x = x.to(device)
            y = y.to(device)

            # forward: cross_entropy wants (B, V, T) and (B, T)
            logits = model(x)
            loss = F.cross_entropy(logits.transpose(1, 2), y)

            # backward
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

            # callback?.(step, loss)
            lossValue = loss.item()
            losses.append(lossValue)
            if on_step is not None:
                on_step(i + 1, lossValue)
    finally:
        model.train(wasTraining)

    return losses


def save_checkpoint(path, model, tokenizer):
    tmpPath = f"{path}.tmp"
    data = {
        "version": CHECKPOINT_VERSION,
        "config": {**model.config},
        "vocab": [*tokenizer.vocab],
        "stateDict": model.state_dict(),
    }

    try:
        # fs.writeFileSync(tmpPath, data); fs.renameSync(tmpPath, path)
        with open(tmpPath, "wb") as file:
            torch.save(data, file)
        os.replace(tmpPath, path)
    except BaseException:
        # clean up
        if os.path.exists(tmpPath):
            os.remove(tmpPath)
        raise


def load_checkpoint(path):
    # "require" inside the function
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    with open(path, "rb") as file:
        try:
            data = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as err:
            raise ValueError(f"cannot read {path}") from err

    if not isinstance(data, dict) or data.get("version") != CHECKPOINT_VERSION:
        raise ValueError(f"{path} is no checkpoint of version {CHECKPOINT_VERSION}")

    try:
        tokenizer = CharTokenizer("".join(data["vocab"][3:]))
        model = MiniGPT(**data["config"])
        model.load_state_dict(data["stateDict"])
    except (KeyError, TypeError, RuntimeError) as err:
        raise ValueError(f"{path} does not fit this model") from err

    model.eval()
    return model, tokenizer
