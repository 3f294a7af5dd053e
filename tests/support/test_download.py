"""A download comes whole or not at all, goes on after a break, and says why it did not come."""

import contextlib
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mini_gpt.support.refusal import Refusal
from mini_gpt.support.training.download import download

BOOK = b"red hen curled up. " * 20_000
SHA256 = hashlib.sha256(BOOK).hexdigest()
ADVICE = "Train on a file of yours."


@contextlib.contextmanager
def server(breaks_after=None, knows_ranges=True, data=BOOK, status=None):
    """Serve the book here. Yields its address, and the list of ranges that were asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            wanted = self.headers.get("Range") if knows_ranges else None
            asked.append(self.headers.get("Range"))
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            part = data[start:]
            if status or start >= len(data):
                self.send_error(status or 416)
                return
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            self.wfile.write(part[: breaks_after if len(asked) == 1 else None])

        def log_message(self, *words):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}/book.txt", asked
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def names(folder):
    """List the files of a folder."""
    return sorted(file.name for file in folder.iterdir())


def test_it_comes_once(tmp_path):
    """A file comes whole, into a folder that is made for it. The second time, nothing is asked."""
    path = tmp_path / "cache" / "book.txt"
    with server() as (url, asked):
        for _ in range(2):
            assert download(url, path, SHA256, ADVICE) == path
    assert path.read_bytes() == BOOK and names(path.parent) == ["book.txt"] and asked == [None]


def test_it_goes_on(tmp_path):
    """After a break, only the rest is asked for."""
    path = tmp_path / "book.txt"
    with server(breaks_after=100_000) as (url, asked):
        with pytest.raises(Refusal, match=ADVICE):
            download(url, path, SHA256, ADVICE)
        assert names(tmp_path) == ["book.txt.part"]
        download(url, path, SHA256, ADVICE)
    assert path.read_bytes() == BOOK and asked == [None, "bytes=100000-"]


def test_it_begins_anew_where_it_must(tmp_path):
    """A server that knows no ranges sends all again, and the beginning is not there twice."""
    path = tmp_path / "book.txt"
    with server(breaks_after=100_000, knows_ranges=False) as (url, _):
        with pytest.raises(Refusal):
            download(url, path, SHA256, ADVICE)
        download(url, path, SHA256, ADVICE)
    assert path.read_bytes() == BOOK


def test_all_was_there(tmp_path):
    """If only the last step was missing, nothing is asked for twice."""
    path = tmp_path / "book.txt"
    (tmp_path / "book.txt.part").write_bytes(BOOK)
    with server() as (url, _):
        download(url, path, SHA256, ADVICE)
    assert path.read_bytes() == BOOK


@pytest.mark.parametrize("status", [404, 500])
def test_refused(tmp_path, status):
    """What the server says is told, and the old file stands."""
    path = tmp_path / "book.txt"
    path.write_bytes(b"old")
    with server(status=status) as (url, _), pytest.raises(Refusal) as refusal:
        download(url, path, SHA256, ADVICE)
    assert url in str(refusal.value) and str(refusal.value).endswith(ADVICE)
    assert path.read_bytes() == b"old"


def test_another_file(tmp_path):
    """A file with another fingerprint is not taken, and is not gone on with."""
    path = tmp_path / "book.txt"
    with server(data=b"a page that asks to log in") as (url, _):
        with pytest.raises(Refusal, match="not the file that it was"):
            download(url, path, SHA256, ADVICE)
    assert names(tmp_path) == []


def test_offline(tmp_path):
    """Without a network there is one sentence that says what to do."""
    with server() as (url, _):
        pass  # nobody answers there any more
    with pytest.raises(Refusal) as refusal:
        download(url, tmp_path / "book.txt", SHA256, ADVICE)
    assert "did not come" in str(refusal.value) and str(refusal.value).endswith(ADVICE)
    assert "\n" not in str(refusal.value)
