# A bootcamp student after one week: everything step by step, lists of lists, flags, long names.
import os

import torch
import torch.nn as nn

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    number_of_ids = len(ids)
    if number_of_ids < block_size + 1:
        raise ValueError("The text is too short for one window")

    inputs = []
    answers = []
    last_start = number_of_ids - block_size - 1
    while len(inputs) < batch_size:
        random_number = torch.randint(0, last_start + 1, (1,), generator=generator)
        start = random_number.item()
        end = start + block_size
        one_input = []
        one_answer = []
        for place in range(start, end):
            one_input.append(int(ids[place]))
            one_answer.append(int(ids[place + 1]))
        inputs.append(one_input)
        answers.append(one_answer)
    x = torch.tensor(inputs)
    y = torch.tensor(answers)
    return x, y


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
    if steps <= 0:
        raise ValueError("You need at least one step")

    my_generator = torch.Generator()
    my_generator.manual_seed(seed)
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    all_losses = []

    was_in_training_mode = model.training
    model.train()
    step_counter = 0
    while step_counter < steps:
        optimizer.zero_grad()
        x, y = get_batch(ids, batch_size, block_size, my_generator)
        scores = model(x)
        vocab_size = scores.shape[2]
        flat_scores = scores.reshape(-1, vocab_size)
        flat_answers = y.reshape(-1)
        loss = loss_function(flat_scores, flat_answers)
        loss.backward()
        optimizer.step()
        step_counter = step_counter + 1
        loss_as_number = float(loss)
        all_losses.append(loss_as_number)
        if on_step:
            on_step(step_counter, loss_as_number)
    if was_in_training_mode == False:
        model.eval()
    return all_losses


def save_checkpoint(path, model, tokenizer):
    checkpoint = {}
    checkpoint["config"] = model.config
    checkpoint["vocab"] = tokenizer.vocab
    checkpoint["model"] = model.state_dict()
    temporary_name = str(path) + ".temporary"
    try:
        torch.save(checkpoint, temporary_name)
        os.replace(temporary_name, path)
    except:
        if os.path.exists(temporary_name):
            os.remove(temporary_name)
        raise


def load_checkpoint(path):
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    config = checkpoint["config"]
    model = MiniGPT(**config)
    model.load_state_dict(checkpoint["model"])
    model.eval()
    characters = checkpoint["vocab"][3:]
    text = "".join(characters)
    tokenizer = CharTokenizer(text)
    return model, tokenizer
