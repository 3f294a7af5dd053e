# My corpus file. I write everything as loops so that I can follow it.
import os

import numpy
import torch


def read_pieces(path, size=1_000_000):
    f = open(path, "r", encoding="utf-8-sig")
    something = False
    try:
        while True:
            text = f.read(size)
            if text == "":
                break
            something = True
            yield text
    finally:
        f.close()
    if not something:
        raise ValueError("this file is empty")


def write_ids(path, pieces):
    new_name = str(path) + ".new"
    how_many = 0
    f = open(new_name, "wb")
    try:
        for piece in pieces:
            for one_id in piece:
                if one_id < 0 or one_id > 65535:
                    raise ValueError("this id does not fit: " + str(one_id))
                low = one_id % 256
                high = one_id // 256
                f.write(bytes([low, high]))
                how_many = how_many + 1
        f.close()
    except:
        f.close()
        os.remove(new_name)
        raise
    os.replace(new_name, path)
    return how_many


def open_ids(path):
    n = os.path.getsize(path)
    if n == 0:
        raise ValueError("no ids in this file")
    if n % 2 == 1:
        raise ValueError("half an id at the end")
    return numpy.memmap(path, dtype="<u2", mode="r")


def split(ids, share=0.9):
    if not (share >= 0 and share <= 1):
        raise ValueError("share must be from 0 to 1")
    n = int(len(ids) * share)
    first = ids[:n]
    second = ids[n:]
    if len(first) == 0 or len(second) == 0:
        raise ValueError("one part is empty")
    return first, second


def to_numbers(part):
    numbers = []
    for x in part:
        numbers.append(int(x))
    return numbers


def evaluate(model, ids, block_size=64, batch_size=32):
    if len(ids) < 2:
        raise ValueError("I need 2 ids at least")
    mode_before = model.training
    model.eval()
    total = 0.0
    answers = 0
    try:
        with torch.no_grad():
            place = 0
            while place < len(ids) - 1:
                # how many whole windows come now?
                rows = []
                rights = []
                while len(rows) < batch_size and place + block_size < len(ids):
                    rows.append(to_numbers(ids[place : place + block_size]))
                    rights.append(to_numbers(ids[place + 1 : place + block_size + 1]))
                    place = place + block_size
                if len(rows) == 0:
                    # the short window at the end
                    rows.append(to_numbers(ids[place : len(ids) - 1]))
                    rights.append(to_numbers(ids[place + 1 : len(ids)]))
                    place = len(ids) - 1
                scores = model(torch.tensor(rows))
                logs = torch.log_softmax(scores, dim=2)
                for i in range(len(rows)):
                    for j in range(len(rows[i])):
                        total = total - logs[i, j, rights[i][j]].item()
                        answers = answers + 1
    finally:
        model.train(mode_before)
    return total / answers


def train_on_book(
    model,
    train_ids,
    val_ids,
    *,
    steps,
    eval_every=100,
    batch_size=32,
    block_size=64,
    learning_rate=3e-3,
    seed=0,
    on_eval=None,
):
    if steps < 1:
        raise ValueError("steps must be at least 1")
    if eval_every < 1:
        raise ValueError("eval_every must be at least 1")
    if len(train_ids) < block_size + 1:
        raise ValueError("the training text is too short")
    if len(val_ids) < 2:
        raise ValueError("the validation text is too short")
    dice = torch.Generator()
    dice.manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    history = []
    best_loss = None
    best = None
    loss_sum = 0.0
    loss_count = 0
    mode_before = model.training
    try:
        for step in range(1, steps + 1):
            model.train()
            x = []
            y = []
            for b in range(batch_size):
                start = int(torch.randint(0, len(train_ids) - block_size, (1,), generator=dice))
                x.append(to_numbers(train_ids[start : start + block_size]))
                y.append(to_numbers(train_ids[start + 1 : start + block_size + 1]))
            scores = model(torch.tensor(x))
            vocab = scores.shape[2]
            loss = torch.nn.functional.cross_entropy(
                scores.reshape(batch_size * block_size, vocab), torch.tensor(y).reshape(-1)
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum = loss_sum + loss.item()
            loss_count = loss_count + 1
            if step % eval_every == 0 or step == steps:
                train_loss = loss_sum / loss_count
                loss_sum = 0.0
                loss_count = 0
                val_loss = evaluate(model, val_ids, block_size, batch_size)
                if best_loss is None or val_loss < best_loss:
                    best_loss = val_loss
                    best = {}
                    for name in model.state_dict():
                        best[name] = model.state_dict()[name].clone()
                history.append((step, train_loss, val_loss))
                if on_eval is not None:
                    on_eval(step, train_loss, val_loss)
        model.load_state_dict(best)
    finally:
        model.train(mode_before)
    return history
