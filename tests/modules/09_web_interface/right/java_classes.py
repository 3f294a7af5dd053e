"""Web interface, object-oriented."""

import torch


class ModelRunner:
    """Runs the model on ids."""

    def __init__(self, model):
        self.model = model
        self.block_size = model.config["block_size"]

    def getLogits(self, ids):
        previousMode = self.model.training
        self.model.eval()
        try:
            with torch.no_grad():
                tensor = torch.LongTensor([ids[-self.block_size:]])
                return self.model(tensor)[0, -1, :]
        finally:
            self.model.train(previousMode)


class Chooser:
    """Chooses the next id."""

    def __init__(self, temperature, topK, seed):
        if temperature < 0:
            raise ValueError("temperature: " + str(temperature))
        if topK is not None and topK < 1:
            raise ValueError("topK: " + str(topK))
        self.temperature = temperature
        self.topK = topK
        self.generator = torch.Generator()
        self.generator.manual_seed(seed)

    def choose(self, logits):
        if self.temperature == 0:
            return logits.argmax().item()
        scaled = logits.div(self.temperature)
        if self.topK is not None:
            limit = scaled.topk(min(self.topK, scaled.size(0)))[0].min()
            scaled = scaled.masked_fill(scaled.lt(limit), float("-inf"))
        return torch.multinomial(scaled.softmax(0), 1, generator=self.generator).item()


class TextStream:
    """An iterator over the growing text."""

    def __init__(self, model, tokenizer, prompt, count, chooser):
        self.runner = ModelRunner(model)
        self.tokenizer = tokenizer
        self.ids = list(tokenizer.encode(prompt))
        if len(self.ids) == 0:
            raise ValueError("prompt is empty")
        self.remaining = count
        self.chooser = chooser

    def __iter__(self):
        return self

    def __next__(self):
        if self.remaining <= 0:
            raise StopIteration
        self.remaining -= 1
        self.ids.append(self.chooser.choose(self.runner.getLogits(self.ids)))
        return self.tokenizer.decode(self.ids)

    def close(self):
        self.remaining = 0


def next_characters(model, tokenizer, text, n=10):
    if len(text) < 1:
        raise ValueError("text is empty")
    if n < 1:
        raise ValueError("n: " + str(n))
    probabilities = torch.softmax(ModelRunner(model).getLogits(tokenizer.encode(text)), 0)
    count = min(n, probabilities.size(0))
    values, indices = probabilities.sort(descending=True)
    result = list()
    for i in range(count):
        result.append((tokenizer.decode([indices[i].item()]), values[i].item()))
    return result


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    return TextStream(model, tokenizer, prompt, n_characters, Chooser(temperature, top_k, seed))


class PageBuilder:
    def __init__(self, model, tokenizer):
        self.model = model
        self.tokenizer = tokenizer

    def onWrite(self, prompt, count, temperature, topK, seed):
        arguments = (int(count), float(temperature), int(topK), int(seed))
        for text in stream(self.model, self.tokenizer, prompt, *arguments):
            yield text

    def build(self):
        import gradio as gr

        size = self.model.config["vocab_size"]
        with gr.Blocks(analytics_enabled=False) as page:
            prompt = gr.Textbox(label="Prompt")
            count = gr.Number(value=150, label="Count", precision=0)
            temperature = gr.Number(value=0.8, label="Temperature")
            topK = gr.Number(value=size, label="Top k", precision=0)
            seed = gr.Number(value=0, label="Seed", precision=0)
            output = gr.Textbox(label="Output")
            writeButton = gr.Button("Write")
            stopButton = gr.Button("Stop")
            inputs = [prompt, count, temperature, topK, seed]
            event = writeButton.click(fn=self.onWrite, inputs=inputs, outputs=output)
            stopButton.click(fn=None, cancels=[event])
        return page


def build_page(model, tokenizer):
    return PageBuilder(model, tokenizer).build()
