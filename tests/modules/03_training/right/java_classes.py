"""Style: a Java programmer: classes with one duty each, private fields, functions as a facade."""

import tempfile
from pathlib import Path

import torch
from torch.nn import CrossEntropyLoss
from torch.optim import NAdam

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


class BatchSampler:
    def __init__(self, ids, batchSize, blockSize, generator):
        self._ids = torch.as_tensor(ids)
        self._batchSize = batchSize
        self._blockSize = blockSize
        self._generator = generator

    def nextBatch(self):
        positions = self._drawPositions()
        inputs = torch.empty(self._batchSize, self._blockSize, dtype=torch.int64)
        targets = torch.empty_like(inputs)
        for row, position in enumerate(positions):
            inputs[row] = self._ids.narrow(0, position, self._blockSize)
            targets[row] = self._ids.narrow(0, position + 1, self._blockSize)
        return inputs, targets

    def _drawPositions(self):
        bound = self._ids.numel() - self._blockSize
        return torch.randint(bound, (self._batchSize,), generator=self._generator).tolist()


class Trainer:
    def __init__(self, model, sampler, learningRate):
        self._model = model
        self._sampler = sampler
        self._criterion = CrossEntropyLoss(reduction="mean")
        self._optimizer = NAdam(model.parameters(), lr=learningRate)
        self._history = []
        self._listeners = []

    def addListener(self, listener):
        self._listeners.append(listener)

    def run(self, steps):
        wasTraining = self._model.training
        self._model.train()
        try:
            while len(self._history) < steps:
                self._history.append(self._runOneStep())
                self._notifyListeners()
        finally:
            self._model.train(wasTraining)

    def getHistory(self):
        return list(self._history)

    def _runOneStep(self):
        inputs, targets = self._sampler.nextBatch()
        self._optimizer.zero_grad()
        logits = self._model(inputs)
        loss = self._criterion(logits.reshape(-1, logits.size(-1)), targets.reshape(-1))
        loss.backward()
        self._optimizer.step()
        return loss.item()

    def _notifyListeners(self):
        for listener in self._listeners:
            listener(len(self._history), self._history[-1])


class CheckpointRepository:
    def __init__(self, path):
        self._path = Path(path)

    def store(self, model, tokenizer):
        network = {"hyperparameters": dict(model.config), "parameters": model.state_dict()}
        document = {"network": network, "alphabet": list(tokenizer.vocab)}
        folder = self._path.resolve().parent
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as handle:
            torch.save(document, handle)
        Path(handle.name).replace(self._path)

    def fetch(self):
        document = torch.load(self._path, weights_only=True)
        network = document["network"]
        model = MiniGPT(**network["hyperparameters"])
        model.load_state_dict(network["parameters"])
        model.eval()
        tokenizer = CharTokenizer("".join(document["alphabet"][3:]))
        return model, tokenizer


def get_batch(ids, batch_size, block_size, generator):
    return BatchSampler(ids, batch_size, block_size, generator).nextBatch()


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=1, on_step=None
):
    generator = torch.Generator()
    generator.manual_seed(seed)
    trainer = Trainer(model, BatchSampler(ids, batch_size, block_size, generator), learning_rate)
    if on_step is not None:
        trainer.addListener(on_step)
    trainer.run(steps)
    return trainer.getHistory()


def save_checkpoint(path, model, tokenizer):
    CheckpointRepository(path).store(model, tokenizer)


def load_checkpoint(path):
    return CheckpointRepository(path).fetch()
