"""The end of a training: what it came to, whether that is normal, and a picture of the way."""

from contextlib import suppress
from pathlib import Path

from mini_gpt.support.refusal import Refusal
from mini_gpt.support.speaking.export_npz import model_for_numpy
from mini_gpt.support.training.evidence import gather
from mini_gpt.support.training.prepare import per_character
from mini_gpt.support.training.progress import Progress
from mini_gpt.support.training.training import LOOKED_AT, Training
from mini_gpt.support.training.verdict import band_for, judge, tell


def end(training: Training, parts: tuple, folder: Path, progress: Progress) -> None:
    """Tell the best loss and the verdict, and draw the losses.

    Args:
        training: it is over.
        parts: the ids to learn from, and those kept back.
        folder: where ids.bin is, and where the picture goes.
        progress: told all of it.
    """
    best, unseen = training.best, parts[1][:LOOKED_AT]
    loss = per_character(best["val_loss"], training.tokenizer, unseen)
    progress.say(f"Best on unseen text: {loss:.3f} nats a character, step {best['step']:,}\n")
    seen = gather(training, parts[0], unseen)
    progress.say(tell(seen, judge(seen, band_for(training, folder / "ids.bin"))) + "\n")
    picture = folder / "losses.png"
    try:
        from mini_gpt.support.training.loss_picture import draw

        draw(training.history, seen.easy).savefig(picture)
        progress.say(f"A picture of the losses is in {picture}.")
    except ImportError:
        progress.say("For a picture of the losses: pip install matplotlib")
    with suppress(Refusal):  # a model that numpy cannot run; asked for it, --numpy says why
        model_for_numpy(folder / "checkpoint.pt", quiet=True)
    progress.say(f"Model and log are in {folder}. Now: python -m mini_gpt chat")
