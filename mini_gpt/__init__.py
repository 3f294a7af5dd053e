"""Mini-GPT, your first language model: a tokenizer, a transformer, a trainer and a sampler, one loop each."""
