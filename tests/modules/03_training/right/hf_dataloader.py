"""Training utilities for MiniGPT, organised like the Trainer that you may know from Hugging Face."""

import os
import uuid
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, RandomSampler, default_collate

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT

CHECKPOINT_VERSION = 1


# ---------------------------------------------------------------------------
# Data
# ---------------------------------------------------------------------------


class CausalLMDataset(Dataset):
    """Every window of the text is one example. Nothing is cut out before somebody asks for it."""

    def __init__(self, ids, block_size):
        self.ids = ids
        self.block_size = block_size

    def __len__(self):
        # The last example ends one token before the end, so that its last label still exists.
        return max(0, len(self.ids) - self.block_size)

    def __getitem__(self, index):
        chunk = torch.as_tensor(self.ids[index : index + self.block_size + 1]).to(torch.int64)
        return {"input_ids": chunk[:-1], "labels": chunk[1:]}


def get_batch(ids, batch_size, block_size, generator):
    # Make the examples, and refuse a text without a single one.
    dataset = CausalLMDataset(ids, block_size)
    if len(dataset) == 0:
        raise ValueError(f"need at least block_size + 1 = {block_size + 1} ids, got {len(ids)}")

    # Choose batch_size examples at random, each time from all of them.
    sampler = RandomSampler(dataset, replacement=True, num_samples=batch_size, generator=generator)

    # Put the examples together into one batch.
    loader = DataLoader(
        dataset,
        batch_size=batch_size,
        sampler=sampler,
        collate_fn=default_collate,
        generator=generator,
    )
    batch = next(iter(loader))
    return batch["input_ids"], batch["labels"]  # PREDICT: which ids are in y, if x is [5, 6, 7]?


# ---------------------------------------------------------------------------
# Trainer
# ---------------------------------------------------------------------------


@dataclass(frozen=True)
class TrainingArguments:
    max_steps: int
    per_device_train_batch_size: int
    block_size: int
    learning_rate: float
    seed: int

    def __post_init__(self):
        if self.max_steps < 1:
            raise ValueError(f"steps must be at least 1, got {self.max_steps}")


class Trainer:
    """Holds everything that belongs to one training run."""

    def __init__(self, model, args, train_ids, callbacks):
        self.model = model
        self.args = args
        self.train_ids = train_ids
        self.callbacks = callbacks
        self.log_history = []
        self.generator = torch.Generator()
        self.generator.manual_seed(args.seed)
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=args.learning_rate)

    def get_inputs(self):
        input_ids, labels = get_batch(
            self.train_ids,
            self.args.per_device_train_batch_size,
            self.args.block_size,
            self.generator,
        )
        return {"input_ids": input_ids, "labels": labels}

    def compute_loss(self, inputs):
        # cross_entropy wants the classes in the middle: (B, V, T) and (B, T).
        labels = inputs["labels"]
        logits = self.model(inputs["input_ids"])
        return F.cross_entropy(logits.transpose(1, 2), labels)

    def training_step(self):
        # Guess and compare.
        loss = self.compute_loss(self.get_inputs())
        # Forget the gradients of the last step, find the new ones, and move the parameters.
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.detach().item()

    def log(self, step, loss):
        self.log_history.append(loss)
        for callback in self.callbacks:
            callback(step, loss)

    def train(self):
        # Remember the mode, learn in train mode, and restore the mode whatever happens.
        was_training = self.model.training
        self.model.train()
        try:
            for global_step in range(1, self.args.max_steps + 1):
                self.log(global_step, self.training_step())
        finally:
            self.model.train(was_training)
        return self.log_history


def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=0,
    on_step=None,
):
    # Collect the settings (this also checks steps).
    args = TrainingArguments(
        max_steps=steps,
        per_device_train_batch_size=batch_size,
        block_size=block_size,
        learning_rate=learning_rate,
        seed=seed,
    )
    # Let the Trainer do the work.
    callbacks = [] if on_step is None else [on_step]
    return Trainer(model, args, ids, callbacks).train()


# ---------------------------------------------------------------------------
# Checkpoints
# ---------------------------------------------------------------------------


def save_checkpoint(path, model, tokenizer):
    # Plain values and tensors only.
    checkpoint = {
        "version": CHECKPOINT_VERSION,
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "model_state_dict": model.state_dict(),
    }
    # A name beside the real file that nobody else uses.
    path = Path(path)
    temporary = path.parent / f".{path.name}.{uuid.uuid4().hex}.tmp"
    try:
        # Write everything, close the file, and only then let it take the old one's place.
        with open(temporary, "wb") as file:
            torch.save(checkpoint, file)
        os.replace(temporary, path)
    except BaseException:
        # Leave nothing half-written behind, not even after Ctrl+C.
        temporary.unlink(missing_ok=True)
        raise


def load_checkpoint(path):
    # Read tensors and plain values; never run code from the file.
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except Exception as error:
        raise ValueError(f"{path} is not a checkpoint: train the model again") from error
    # Look whether it is ours.
    if not isinstance(checkpoint, dict) or checkpoint.get("version") != CHECKPOINT_VERSION:
        raise ValueError(f"{path} is not a checkpoint of version {CHECKPOINT_VERSION}")
    # Rebuild the model and the tokenizer.
    try:
        model = MiniGPT(**checkpoint["config"])
        model.load_state_dict(checkpoint["model_state_dict"])
        tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    except (KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"{path} is not a whole checkpoint: {error}") from error
    # Ready to be used.
    model.eval()
    return model, tokenizer
