# Style: someone who learned it from TensorFlow's "Text generation with an RNN": a OneStep model, a result list.
import torch
from torch import nn


class OneStep(nn.Module):
  def __init__(self, model, temperature=1.0, top_k=None, generator=None):
    super().__init__()
    self.model = model
    self.temperature = temperature
    self.top_k = top_k
    self.generator = generator

  def prediction_mask(self, logits):
    # 0 for what may come, -inf at each bad index.
    if self.top_k is None:
      return torch.zeros_like(logits)
    cutoff = torch.topk(logits, min(self.top_k, logits.shape[-1])).values.min()
    return torch.where(logits >= cutoff, 0.0, -torch.inf)

  @torch.no_grad()
  def generate_one_step(self, input_ids):
    # Run the model.
    # predicted_logits.shape is [batch, char, next_char_logits]
    longest = self.model.config["block_size"]
    predicted_logits = self.model(input_ids[:, -longest:])
    # Only use the last prediction.
    predicted_logits = predicted_logits[:, -1, :]
    # Apply the prediction mask.
    predicted_logits = predicted_logits + self.prediction_mask(predicted_logits)
    if self.temperature == 0:
      return predicted_logits.argmax(-1, keepdim=True)
    # Sample the output logits to generate token IDs.
    probabilities = (predicted_logits / self.temperature).softmax(-1)
    return probabilities.multinomial(1, generator=self.generator)


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
  if not temperature >= 0:
    raise ValueError("temperature < 0")
  if top_k is not None and top_k <= 0:
    raise ValueError("top_k < 1")
  was_training = model.training
  one_step_model = OneStep(model, temperature, top_k, generator)
  one_step_model.eval()
  result = [ids]
  for n in range(max_new_tokens):
    next_id = one_step_model.generate_one_step(torch.cat(result, dim=1))
    result.append(next_id)
  one_step_model.train(was_training)
  return torch.cat(result, dim=1)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
  states = torch.tensor([tokenizer.encode(prompt)])
  start = result = tokenizer.decode(states[0].tolist())
  for n in range(30 * n_words):
    states = generate(model, states, 1, temperature, None, generator)
    result = tokenizer.decode(states[0].tolist())
    new_words = len(result.split()) - len(start.split())
    if new_words >= n_words and result.endswith(" "):
      break
  return result
