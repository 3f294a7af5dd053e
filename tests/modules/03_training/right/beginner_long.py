# my trainer for the mini gpt
import os
import torch
from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # is the text long enough?
    number_of_ids = len(ids)
    if number_of_ids < block_size + 1:
        raise ValueError("the text is too short")
    # empty tables, I fill them in below
    x = torch.zeros(batch_size, block_size, dtype=torch.long)
    y = torch.zeros(batch_size, block_size, dtype=torch.long)
    last_place = number_of_ids - block_size - 1
    for i in range(batch_size):
        # where does this row start?
        start = torch.randint(0, last_place + 1, (1,), generator=generator)
        start = int(start)
        for t in range(block_size):
            x[i, t] = int(ids[start + t])
            # PREDICT: which ids are in y, if x is [5, 6, 7]?
            y[i, t] = int(ids[start + t + 1])
    return x, y


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError("steps must be 1 or more")
    # the random numbers
    my_generator = torch.Generator()
    my_generator.manual_seed(seed)
    # the optimizer
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    # was it training before?
    if model.training == True:
        mode_before = "train"
    else:
        mode_before = "eval"
    model.train()
    losses = []
    try:
        step = 1
        while step <= steps:
            # get some text
            x, y = get_batch(ids, batch_size, block_size, my_generator)
            # what does the model say?
            logits = model(x)
            # add up how wrong it is at each place in the window
            loss = 0.0
            for t in range(block_size):
                scores = logits[:, t, :]
                answers = y[:, t]
                loss = loss + torch.nn.functional.cross_entropy(scores, answers)
            # the average
            loss = loss / block_size
            # learn
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            # write it down
            number = loss.item()
            losses.append(number)
            if on_step != None:
                on_step(step, number)
            step = step + 1
    finally:
        if mode_before == "train":
            model.train()
        else:
            model.eval()
    return losses


def save_checkpoint(path, model, tokenizer):
    path = str(path)
    temp_path = path + ".tmp"
    # put everything in a dict
    everything = {}
    everything["config"] = model.config
    everything["vocab"] = tokenizer.vocab
    everything["weights"] = model.state_dict()
    try:
        # first the temp file
        f = open(temp_path, "wb")
        try:
            torch.save(everything, f)
        finally:
            f.close()
        # then the real one
        os.replace(temp_path, path)
    finally:
        # if it is still there something went wrong
        if os.path.exists(temp_path):
            os.remove(temp_path)


def load_checkpoint(path):
    path = str(path)
    everything = torch.load(path, map_location="cpu", weights_only=True)
    # make the tokenizer again
    letters = ""
    for token in everything["vocab"][3:]:
        letters = letters + token
    tokenizer = CharTokenizer(letters)
    # make the model again
    config = everything["config"]
    model = MiniGPT(**config)
    model.load_state_dict(everything["weights"])
    model.eval()
    return model, tokenizer
