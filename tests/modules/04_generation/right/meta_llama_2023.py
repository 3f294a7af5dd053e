# after llama/generation.py of Meta (2023): a class Llama, a buffer of pad ids, sampling from sorted probs
import math
from typing import Optional

import torch

PAD_ID = 0
MAX_WORD_LEN = 30


class Llama:
    def __init__(self, model, tokenizer=None):
        self.model = model
        self.tokenizer = tokenizer

    @torch.inference_mode()
    def generate(
        self,
        prompt_tokens: torch.Tensor,
        max_gen_len: int,
        temperature: float,
        top_k: Optional[int],
        generator: Optional[torch.Generator],
    ) -> torch.Tensor:
        params = self.model.config
        bsz, prompt_len = prompt_tokens.shape
        total_len = prompt_len + max_gen_len

        tokens = torch.full((bsz, total_len), PAD_ID, dtype=torch.long, device=prompt_tokens.device)
        tokens[:, :prompt_len] = prompt_tokens

        for cur_pos in range(prompt_len, total_len):
            prev_pos = max(0, cur_pos - params["block_size"])
            logits = self.model(tokens[:, prev_pos:cur_pos])
            if temperature > 0:
                probs = torch.softmax(logits[:, -1] / temperature, dim=-1)
                next_token = sample_top_k(probs, top_k, generator)
            else:
                next_token = torch.argmax(logits[:, -1], dim=-1)
            tokens[:, cur_pos] = next_token.reshape(-1)

        return tokens

    def text_completion(
        self,
        prompt: str,
        max_gen_words: int,
        temperature: float,
        generator: Optional[torch.Generator],
    ) -> str:
        tokens = self.tokenizer.encode(prompt)
        prompt_words = len(self.tokenizer.decode(tokens).split())
        max_len = len(tokens) + MAX_WORD_LEN * max_gen_words

        done = max_gen_words < 1
        completion = self.tokenizer.decode(tokens)
        while not done:
            batch = torch.tensor([tokens], dtype=torch.long)
            tokens = generate(self.model, batch, 1, temperature, generator=generator)[0].tolist()
            completion = self.tokenizer.decode(tokens)
            gen_words = len(completion.split()) - prompt_words
            word_complete = completion.endswith(" ")
            done = (gen_words >= max_gen_words and word_complete) or len(tokens) >= max_len
        return completion


def sample_top_k(probs, k, generator):
    """Perform top-k sampling on a probability distribution."""
    probs_sort, probs_idx = torch.sort(probs, dim=-1, descending=True)
    if k is not None:
        probs_sort[:, k:] = 0.0
        probs_sort.div_(probs_sort.sum(dim=-1, keepdim=True))
    next_token = torch.multinomial(probs_sort, num_samples=1, generator=generator)
    next_token = torch.gather(probs_idx, -1, next_token)
    return next_token


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if math.isnan(temperature) or temperature < 0:
        raise ValueError(f"temperature must be at least 0, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be at least 1, got {top_k}")
    mode = model.training
    model.eval()
    try:
        return Llama(model).generate(ids, max_new_tokens, temperature, top_k, generator)
    finally:
        model.train(mode)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    llm = Llama(model, tokenizer)
    return llm.text_completion(prompt, n_words, temperature, generator)
