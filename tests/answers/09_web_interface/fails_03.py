# My web page for the small GPT.
# I write everything step by step, so that I can read it next week.

import torch


def run_model(model, list_of_ids):
    # shows the ids to the model, gives back the scores of the next token as a list
    longest = model.config["block_size"]
    if len(list_of_ids) > longest:
        list_of_ids = list_of_ids[len(list_of_ids) - longest:]
    x = torch.tensor([list_of_ids])
    old_mode = model.training
    try:
        model.eval()
        with torch.no_grad():
            y = model(x)
    finally:
        if old_mode:
            model.train()
        else:
            model.eval()
    last = y[0][len(list_of_ids) - 1]
    return last


def next_characters(model, tokenizer, text, n=10):
    if text == "":
        raise ValueError("there is no text")
    if n <= 0:
        raise ValueError("n is too small")
    scores = run_model(model, tokenizer.encode(text))
    probs = torch.nn.functional.softmax(scores, dim=0)
    # make a list of pairs, then sort it
    pairs = []
    for i in range(len(probs)):
        name = tokenizer.decode([i])
        pairs.append((name, probs[i].item()))
    pairs.sort(key=lambda pair: pair[1], reverse=True)
    return pairs[:n]


def stream(model, tokenizer, prompt, n_characters=200, temperature=0.8, top_k=None, seed=0):
    if prompt == "":
        raise ValueError("there is no prompt")
    if temperature < 0:
        raise ValueError("temperature is negative")
    if top_k is not None:
        if top_k <= 0:
            raise ValueError("top_k is too small")
    g = torch.Generator()
    g.manual_seed(seed)
    all_ids = tokenizer.encode(prompt)
    count = 0
    while count < n_characters:
        scores = run_model(model, all_ids)
        if temperature == 0:
            best = 0
            for i in range(len(scores)):
                if scores[i] > scores[best]:
                    best = i
            new_id = best
        else:
            scores = scores / temperature
            if top_k is not None and top_k < len(scores):
                ordered = sorted(scores.tolist(), reverse=True)
                border = ordered[top_k - 1]
                for i in range(len(scores)):
                    if scores[i].item() < border:
                        scores[i] = -float("inf")
            probs = torch.nn.functional.softmax(scores, dim=0)
            new_id = torch.multinomial(probs, 1, generator=g).item()
        all_ids.append(new_id)
        count = count + 1
        yield tokenizer.decode(all_ids)


def build_page(model, tokenizer):
    import gradio

    def when_clicked(prompt, how_many, temperature, seed):
        # hand every text to the page as soon as it is there
        for text in stream(model, tokenizer, prompt, int(how_many), temperature, None, int(seed)):
            yield text

    page = gradio.Blocks(analytics_enabled=False)
    with page:
        gradio.Markdown("## My small GPT")
        box = gradio.Textbox(label="Write a beginning")
        how_many = gradio.Slider(minimum=1, maximum=300, value=100, step=1, label="How many")
        temperature = gradio.Slider(minimum=0, maximum=2, value=0.8, label="Temperature")
        seed = gradio.Number(value=0, label="Seed")
        button = gradio.Button("Go")
        stop = gradio.Button("Stop")
        answer = gradio.Textbox(label="Answer")
        event = button.click(when_clicked, inputs=[box, how_many, temperature, seed], outputs=answer)
        stop.click(fn=None, inputs=None, outputs=None, cancels=[event])
    return page
