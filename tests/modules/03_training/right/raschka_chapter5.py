# style: Raschka's book (chapters 2 and 5) from memory: sliding-window lists, calc_loss_batch, train_model_simple
import os
import tempfile

import torch

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


class GPTDatasetV1:
    def __init__(self, token_ids, max_length, stride):
        self.input_ids = []
        self.target_ids = []

        # Use a sliding window to chunk the text into overlapping sequences of max_length
        for i in range(0, len(token_ids) - max_length, stride):
            input_chunk = token_ids[i:i + max_length]
            target_chunk = token_ids[i + 1: i + max_length + 1]
            self.input_ids.append(torch.as_tensor(input_chunk))
            self.target_ids.append(torch.as_tensor(target_chunk))

    def __len__(self):
        return len(self.input_ids)

    def __getitem__(self, idx):
        return self.input_ids[idx], self.target_ids[idx]


def create_dataset_v1(token_ids, max_length):
    dataset = GPTDatasetV1(
        token_ids,
        max_length=max_length,
        stride=1,
    )
    if len(dataset) == 0:
        raise ValueError(f"The text has only {len(token_ids)} tokens")
    return dataset


def sample_batch(dataset, batch_size, generator):
    indices = torch.randint(
        low=0,
        high=len(dataset),
        size=(batch_size,),
        generator=generator,
    )
    pairs = [dataset[idx] for idx in indices.tolist()]
    input_batch, target_batch = zip(*pairs)
    return torch.stack(input_batch), torch.stack(target_batch)


def get_batch(ids, batch_size, block_size, generator):
    return sample_batch(create_dataset_v1(ids, block_size), batch_size, generator)


def calc_loss_batch(input_batch, target_batch, model):
    logits = model(input_batch)
    loss = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), target_batch.flatten()
    )
    return loss


def train_model_simple(model, dataset, optimizer, num_steps, batch_size, generator, callback):
    # Initialize list to track losses
    train_losses, global_step = [], 0
    model.train()  # Set model to training mode

    for _ in range(num_steps):
        input_batch, target_batch = sample_batch(dataset, batch_size, generator)
        optimizer.zero_grad()  # Reset loss gradients from previous iteration
        loss = calc_loss_batch(input_batch, target_batch, model)
        loss.backward()  # Calculate loss gradients
        optimizer.step()  # Update model weights using loss gradients
        global_step += 1
        train_losses.append(loss.item())
        if callback is not None:
            callback(global_step, train_losses[-1])

    return train_losses


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=123, on_step=None):
    if steps < 1:
        raise ValueError("steps must be at least 1")
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=learning_rate,
        weight_decay=0.01,
    )
    generator = torch.Generator().manual_seed(seed)
    mode_before = model.training
    try:
        return train_model_simple(
            model=model,
            dataset=create_dataset_v1(ids, block_size),
            optimizer=optimizer,
            num_steps=steps,
            batch_size=batch_size,
            generator=generator,
            callback=on_step,
        )
    finally:
        model.train(mode_before)


def save_checkpoint(path, model, tokenizer):
    folder = os.path.dirname(os.path.abspath(path))
    handle, tmp_path = tempfile.mkstemp(dir=folder, suffix=".pth")
    os.close(handle)
    try:
        torch.save({
            "GPT_CONFIG": dict(model.config),
            "vocab": list(tokenizer.vocab),
            "model_state_dict": model.state_dict(),
        }, tmp_path)
        os.replace(tmp_path, path)
    except BaseException:
        os.remove(tmp_path)
        raise


def load_checkpoint(path):
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    model = MiniGPT(**checkpoint["GPT_CONFIG"])
    model.load_state_dict(checkpoint["model_state_dict"])
    model.eval()
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))
    return model, tokenizer
