# style: Hugging Face's Trainer from memory: TrainingArguments, a collator, compute_loss, training_step, save_model
import os
from types import SimpleNamespace
from typing import Any, Callable, Dict, List, Optional, Tuple

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


class TrainingArguments(SimpleNamespace):
    """Everything that is not the model and not the data."""


class DataCollatorForLanguageModeling:
    """Packs windows of the text into a dict with `input_ids` and `labels`."""

    def __init__(self, block_size: int):
        self.block_size = block_size

    def __call__(self, ids: torch.Tensor, starts: torch.Tensor) -> Dict[str, torch.Tensor]:
        offsets = torch.arange(self.block_size)
        positions = starts[:, None] + offsets[None, :]
        return {"input_ids": ids[positions], "labels": ids[positions + 1]}


class RandomWindowSampler:
    def __init__(self, ids: torch.Tensor, block_size: int, generator: torch.Generator):
        self.num_windows = ids.size(0) - block_size
        self.generator = generator
        if self.num_windows <= 0:
            raise ValueError("the text is shorter than block_size + 1")

    def sample(self, batch_size: int) -> torch.Tensor:
        return torch.randint(self.num_windows, (batch_size,), generator=self.generator)


def get_batch(ids, batch_size, block_size, generator) -> Tuple[torch.Tensor, torch.Tensor]:
    sampler = RandomWindowSampler(ids, block_size, generator)
    batch = DataCollatorForLanguageModeling(block_size)(ids, sampler.sample(batch_size))
    return batch["input_ids"], batch["labels"]


class Trainer:
    def __init__(self, model, args: TrainingArguments, train_ids, callback: Optional[Callable] = None):
        self.model = model
        self.args = args
        self.train_ids = train_ids
        self.callback = callback
        self.generator = torch.Generator().manual_seed(args.seed)
        self.optimizer = self.create_optimizer()
        self.log_history: List[float] = []

    def create_optimizer(self):
        return torch.optim.AdamW(self.model.parameters(), lr=self.args.learning_rate)

    def compute_loss(self, inputs: Dict[str, Any]) -> torch.Tensor:
        logits = self.model(inputs["input_ids"])
        return F.cross_entropy(logits.transpose(1, 2), inputs["labels"])

    def training_step(self, inputs: Dict[str, Any]) -> float:
        self.model.train()
        loss = self.compute_loss(inputs)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach().item()

    def get_inputs(self) -> Dict[str, torch.Tensor]:
        input_ids, labels = get_batch(
            self.train_ids, self.args.per_device_batch_size, self.args.block_size, self.generator
        )
        return dict(input_ids=input_ids, labels=labels)

    def train(self) -> List[float]:
        for global_step in range(1, self.args.max_steps + 1):
            tr_loss = self.training_step(self.get_inputs())
            self.log_history.append(tr_loss)
            if self.callback is not None:
                self.callback(global_step, tr_loss)
        return self.log_history


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=42, on_step=None):
    if steps < 1:
        raise ValueError("max_steps must be positive")
    args = TrainingArguments(
        max_steps=steps,
        per_device_batch_size=batch_size,
        block_size=block_size,
        learning_rate=learning_rate,
        seed=seed,
    )
    was_training = model.training
    try:
        return Trainer(model, args, train_ids=ids, callback=on_step).train()
    finally:
        model.train(was_training)


def save_checkpoint(path, model, tokenizer) -> None:
    WEIGHTS_NAME = os.fspath(path)
    partial = f"{WEIGHTS_NAME}.incomplete"
    state = {"config": model.config, "vocab": tokenizer.vocab, "state_dict": model.state_dict()}
    try:
        torch.save(state, partial)
        os.replace(partial, WEIGHTS_NAME)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)


def load_checkpoint(path):
    state = torch.load(path, map_location=torch.device("cpu"), weights_only=True)
    model = MiniGPT(**state["config"])
    model.load_state_dict(state["state_dict"])
    return model.eval(), CharTokenizer("".join(state["vocab"][3:]))
