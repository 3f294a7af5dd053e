"""A file from the internet: it comes whole or not at all, and a broken download goes on later."""

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path

from mini_gpt.support.refusal import Refusal

BLOCK = 1 << 16
SECONDS = 20


def download(url: str, path: Path, sha256: str, advice: str) -> Path:
    """Bring a file here, if it is not here yet.

    What came before a break is kept in a file beside it, and the next try goes on from there.

    Args:
        url: where it is.
        path: where it is to be.
        sha256: its fingerprint. A file with another one is not taken.
        advice: what a person can do if it does not come.

    Raises:
        Refusal: it did not come, or something else came.
    """
    if path.exists() and fingerprint(path) == sha256:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = Path(f"{path}.part")
    try:
        append(url, part)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise Refusal(f"{url} did not come ({reason}). {advice}") from error
    if fingerprint(part) != sha256:
        part.unlink()
        raise Refusal(f"{url} is not the file that it was. {advice}")
    os.replace(part, path)
    return path


def append(url: str, part: Path) -> None:
    """Add to a file what is still missing of it."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        answer = urllib.request.urlopen(request, timeout=SECONDS)
    except urllib.error.HTTPError as error:
        error.close()
        if have and error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is missing
        raise
    with answer:
        # A server that does not know how to go on sends the whole file again.
        goes_on = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        with part.open("ab" if goes_on else "wb") as file:
            while block := answer.read(BLOCK):
                file.write(block)
        if answer.length:  # what was promised and did not come
            raise http.client.IncompleteRead(b"", answer.length)


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
