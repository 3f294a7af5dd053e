"""Mini-GPT, your first language model: tokenizer, transformer, trainer and sampler."""
