"""Corpus utilities, organised in small single-responsibility classes."""

import os
import uuid

import numpy
import torch


class TextReader:
    def __init__(self, path, size):
        self._path = path
        self._size = size
        self._characters = 0

    def readAll(self):
        try:
            with open(self._path, mode="rt", encoding="utf-8-sig", newline=None) as handle:
                yield from self._readFrom(handle)
        except UnicodeDecodeError as cause:
            raise ValueError("The file is not valid UTF-8.") from cause
        self._validate()

    def _readFrom(self, handle):
        piece = handle.read(self._size)
        while len(piece) > 0:
            self._characters += len(piece)
            yield piece
            piece = handle.read(self._size)

    def _validate(self):
        if self._characters == 0:
            raise ValueError("The file contains no text.")


class IdFileWriter:
    MAXIMUM = 0xFFFF

    def __init__(self, path):
        self._path = str(path)
        self._temporaryPath = self._path + "." + uuid.uuid4().hex
        self._count = 0

    def write(self, pieces):
        committed = False
        try:
            with open(self._temporaryPath, "wb") as handle:
                for piece in pieces:
                    self._writePiece(handle, piece)
            os.replace(self._temporaryPath, self._path)
            committed = True
        finally:
            if not committed:
                os.unlink(self._temporaryPath)
        return self._count

    def _writePiece(self, handle, piece):
        for identifier in piece:
            self._requireInRange(identifier)
        handle.write(numpy.asarray(piece, dtype="<u2").tobytes())
        self._count += len(piece)

    def _requireInRange(self, identifier):
        if identifier < 0 or identifier > self.MAXIMUM:
            raise ValueError("Identifier out of range: %d" % identifier)


class Windows:
    def __init__(self, ids, blockSize):
        self._ids = ids
        self._blockSize = blockSize

    def count(self):
        return -(-(len(self._ids) - 1) // self._blockSize)

    def get(self, index):
        start = index * self._blockSize
        stop = min(start + self._blockSize, len(self._ids) - 1)
        inputs = numpy.array(self._ids[start:stop]).astype(numpy.int64)
        targets = numpy.array(self._ids[start + 1 : stop + 1]).astype(numpy.int64)
        return torch.from_numpy(inputs), torch.from_numpy(targets)


class Evaluator:
    def __init__(self, model, blockSize, batchSize):
        self._model = model
        self._blockSize = blockSize
        self._batchSize = batchSize
        self._criterion = torch.nn.CrossEntropyLoss(reduction="sum")

    def evaluate(self, ids):
        if len(ids) < 2:
            raise ValueError("At least two ids are required.")
        modeBefore = self._model.training
        self._model.eval()
        try:
            with torch.no_grad():
                return self._totalLoss(Windows(ids, self._blockSize)) / (len(ids) - 1)
        finally:
            self._model.train(modeBefore)

    def _totalLoss(self, windows):
        total = 0.0
        pending = []
        for index in range(windows.count()):
            window = windows.get(index)
            if pending and (len(pending) == self._batchSize or len(window[0]) != len(pending[0][0])):
                total += self._lossOf(pending)
                pending = []
            pending.append(window)
        return total + self._lossOf(pending)

    def _lossOf(self, pending):
        inputs = torch.stack([pair[0] for pair in pending])
        targets = torch.stack([pair[1] for pair in pending])
        logits = self._model(inputs)
        return self._criterion(logits.reshape(-1, logits.size(-1)), targets.reshape(-1)).item()


class BestWeights:
    def __init__(self, model):
        self._model = model
        self._loss = float("inf")
        self._weights = None

    def offer(self, loss):
        if loss < self._loss:
            self._loss = loss
            self._weights = {name: value.clone() for name, value in self._model.state_dict().items()}

    def restore(self):
        if self._weights is not None:
            self._model.load_state_dict(self._weights)


class BookTrainer:
    def __init__(self, model, trainIds, valIds, options):
        self._model = model
        self._trainIds = trainIds
        self._valIds = valIds
        self._options = options
        self._validate()
        self._generator = torch.Generator()
        self._generator.manual_seed(options["seed"])
        self._optimizer = torch.optim.NAdam(model.parameters(), lr=options["learning_rate"])
        self._evaluator = Evaluator(model, options["block_size"], options["batch_size"])
        self._best = BestWeights(model)
        self._history = []
        self._losses = []

    def _validate(self):
        if self._options["steps"] < 1:
            raise ValueError("steps must be positive.")
        if self._options["eval_every"] < 1:
            raise ValueError("eval_every must be positive.")
        if len(self._trainIds) < self._options["block_size"] + 1:
            raise ValueError("Too few training ids.")
        if len(self._valIds) < 2:
            raise ValueError("Too few validation ids.")

    def run(self):
        modeBefore = self._model.training
        try:
            for step in range(1, self._options["steps"] + 1):
                self._losses.append(self._trainOneStep())
                if self._isEvaluationDue(step):
                    self._evaluate(step)
            self._best.restore()
        finally:
            self._model.train(modeBefore)
        return self._history

    def _isEvaluationDue(self, step):
        return step % self._options["eval_every"] == 0 or step == self._options["steps"]

    def _trainOneStep(self):
        self._model.train()
        inputs, targets = self._nextBatch()
        logits = self._model(inputs)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        return loss.item()

    def _nextBatch(self):
        blockSize = self._options["block_size"]
        limit = len(self._trainIds) - blockSize
        starts = torch.randint(limit, (self._options["batch_size"],), generator=self._generator)
        rows = []
        for start in starts.tolist():
            rows.append(numpy.array(self._trainIds[start : start + blockSize + 1]).astype(numpy.int64))
        batch = torch.from_numpy(numpy.stack(rows))
        return batch[:, :-1], batch[:, 1:]

    def _evaluate(self, step):
        valLoss = self._evaluator.evaluate(self._valIds)
        self._best.offer(valLoss)
        trainLoss = sum(self._losses) / len(self._losses)
        self._losses.clear()
        self._history.append((step, trainLoss, valLoss))
        listener = self._options["on_eval"]
        if listener is not None:
            listener(step, trainLoss, valLoss)


def read_pieces(path, size=1_000_000):
    return TextReader(path, size).readAll()


def write_ids(path, pieces):
    return IdFileWriter(path).write(pieces)


def open_ids(path):
    length = os.stat(path).st_size
    if length < 2 or length % 2 != 0:
        raise ValueError("The file does not hold whole ids.")
    return numpy.memmap(path, dtype=numpy.dtype("uint16").newbyteorder("<"), mode="r")


def split(ids, share=0.9):
    if not 0 <= share <= 1:
        raise ValueError("share must be between 0 and 1.")
    position = int(len(ids) * share)
    if position <= 0 or position >= len(ids):
        raise ValueError("A part would be empty.")
    return ids[:position], ids[position:]


def evaluate(model, ids, block_size=64, batch_size=32):
    return Evaluator(model, block_size, batch_size).evaluate(ids)


def train_on_book(model, train_ids, val_ids, **options):
    defaults = {"eval_every": 100, "batch_size": 32, "block_size": 64, "learning_rate": 3e-3, "seed": 0, "on_eval": None}
    return BookTrainer(model, train_ids, val_ids, {**defaults, **options}).run()
