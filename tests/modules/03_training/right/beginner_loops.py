# Style: a careful beginner; one small thing per line, plain Python loops, long names.
import os

import torch
from torch import nn

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    numbers = [int(number) for number in ids]
    how_many_starts = len(numbers) - block_size

    all_inputs = []
    all_targets = []
    for row in range(batch_size):
        start = torch.randint(0, how_many_starts, (1,), generator=generator)
        start = start.item()
        one_input = []
        one_target = []
        for step in range(block_size):
            one_input.append(numbers[start + step])
            one_target.append(numbers[start + step + 1])
        all_inputs.append(one_input)
        all_targets.append(one_target)

    inputs = torch.tensor(all_inputs)
    targets = torch.tensor(all_targets)
    return inputs, targets


def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=42,
    on_step=None,
):
    # the dice for choosing the windows
    dice = torch.Generator()
    dice.manual_seed(seed)

    # remember how the model was when we got it
    if model.training:
        mode_before = "train"
    else:
        mode_before = "eval"
    model.train()

    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)

    list_of_losses = []
    step = 0
    while step < steps:
        inputs, targets = get_batch(ids, batch_size, block_size, dice)
        predictions = model(inputs)
        # CrossEntropyLoss wants the classes in the second dimension
        predictions = predictions.transpose(1, 2)
        loss = loss_function(predictions, targets)

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        loss_number = loss.item()
        list_of_losses.append(loss_number)
        step = step + 1
        if on_step:
            on_step(step, loss_number)

    # leave the model as we found it
    if mode_before == "eval":
        model.eval()

    return list_of_losses


def save_checkpoint(path, model, tokenizer):
    everything = {}
    everything["weights"] = model.state_dict()
    everything["settings"] = model.config
    everything["characters"] = tokenizer.vocab
    unfinished_path = str(path) + ".part"
    torch.save(everything, unfinished_path)
    os.replace(unfinished_path, path)


def load_checkpoint(path):
    everything = torch.load(path, weights_only=True)

    settings = everything["settings"]
    model = MiniGPT(
        vocab_size=settings["vocab_size"],
        n_embd=settings["n_embd"],
        n_head=settings["n_head"],
        n_layer=settings["n_layer"],
        block_size=settings["block_size"],
    )
    model.load_state_dict(everything["weights"])
    model.eval()

    # the first three are <pad>, <unk> and <eos>, and the tokenizer adds those by itself
    text = ""
    for character in everything["characters"][3:]:
        text = text + character
    tokenizer = CharTokenizer(text)

    return model, tokenizer
