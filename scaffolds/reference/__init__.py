"""The finished code of each loop, in reading order: tokenizer, transformer, trainer, sampler."""
