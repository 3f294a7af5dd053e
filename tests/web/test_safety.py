"""The page is for this computer alone: what is known of attacks on such pages is tried and refused.

The advisories: CVE-2026-28414 (any file, on Windows with Python 3.13), CVE-2024-1561 and
CVE-2023-51449 (files by the file route), CVE-2025-23042 (blocked paths by letter case),
CVE-2026-28416 (requests through the proxy route), CVE-2024-1727 (requests from other pages).
"""

import json
import os
import socket
import urllib.parse
import urllib.request

import pytest
import torch

from mini_gpt.support.refusal import Refusal
from mini_gpt.support.web import learn
from tests.web.asking import call, get
from tests.web.conftest import SECRET


@pytest.fixture(scope="module")
def link(server):
    """A symbolic link to a secret, or none where the system has no such links."""
    path = server.root / "link.txt"
    try:
        path.symlink_to(server.root / "secret.txt")
    except OSError:
        pytest.skip("there are no symbolic links here")
    return path


def refused(server, route: str, path: str) -> None:
    """Expect that a path is not handed out, however it is written."""
    for written in (path, urllib.parse.quote(path, safe="")):
        status, text, _ = get(f"{server.address}/gradio_api/{route}{written}")
        assert status >= 400, (route, written)
        assert SECRET.encode() not in text and b"root:" not in text


def test_no_files(server, link):
    """No file of the computer or of the tutorial: absolute, relative, above, linked, other case"""
    root = server.root.as_posix()
    paths = [
        f"{root}/secret.txt",
        f"{root}/SECRET.txt",
        f"{root}/./secret.txt",
        f"{root}/mini_gpt/../secret.txt",
        f"{root.upper()}/secret.txt",
        link.as_posix(),
        "secret.txt",
        "mini_gpt/web.py",
        "../secret.txt",
        "..\\secret.txt",
        "../../../../../../etc/passwd",
        "/etc/passwd",
        "//etc/passwd",
        "file:///etc/passwd",
        "C:\\Windows\\win.ini",
        "/windows/win.ini",
        "\\windows\\win.ini",
        f"{server.model.as_posix()}",
    ]
    for path in paths:
        refused(server, "file=", path)
        refused(server, "file/", path)


@pytest.mark.parametrize("route", ["static/", "assets/", "svelte/", "theme.css/"])
def test_no_way_up(server, route):
    """The routes of the page's own parts do not lead above their folder"""
    for path in ["../../../../../../etc/passwd", "..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd"]:
        for start in ("", "gradio_api/"):
            _, text, _ = get(f"{server.address}/{start}{route}{path}")
            assert b"root:" not in text


def test_no_foreign_addresses(server):
    """The page asks no other server for anybody: not the proxy route, nor an upload by address"""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        other.settimeout(1)
        victim = f"http://127.0.0.1:{other.getsockname()[1]}/secret"
        status, _, _ = get(f"{server.address}/gradio_api/proxy={victim}")
        assert status >= 400
        file = {"path": victim, "url": victim, "meta": {"_type": "gradio.FileData"}}
        kinds = [kind for kind, _ in call(server, "upload", file)]
        assert kinds[-1] == "error"
        with pytest.raises(TimeoutError):
            other.accept()


def test_no_local_file_as_an_upload(server):
    """A file of the computer cannot be named in place of an upload"""
    for path in (server.root / "secret.txt", "/etc/passwd"):
        file = {"path": str(path), "meta": {"_type": "gradio.FileData"}}
        heard = list(call(server, "learn", "", file, 10))
        assert heard[-1][0] == "error" and SECRET not in json.dumps(heard)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"]
)
def test_other_pages_may_not_ask(server, origin):
    """A page from elsewhere that is open in the same browser is not told that it may read"""
    data = {"data": ["hello", 5, 0, 16, 0]}
    address = f"{server.address}/gradio_api/call/talk"
    for given in (data, None):
        _, _, headers = get(address if given else server.address, given, Origin=origin)
        allowed = {name.lower(): value for name, value in headers.items()}
        assert allowed.get("access-control-allow-origin") not in ("*", origin)


def test_this_computer_alone(server):
    """The page listens on 127.0.0.1, and on no other address of this computer"""
    port = urllib.parse.urlsplit(server.address).port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it only chooses an address
        except OSError:
            pytest.skip("this computer has no other address")
        own = probe.getsockname()[0]
    if own.startswith("127."):
        pytest.skip("this computer has no other address")
    with socket.socket() as other, pytest.raises(OSError):
        other.settimeout(5)
        other.connect((own, port))


def test_settings(server):
    """No visitors are counted, and nothing points to another server"""
    _, text, _ = get(f"{server.address}/config")
    config = json.loads(text)
    assert config["analytics_enabled"] is False and not config.get("space_id")
    assert config.get("share_url") in (None, "")


def test_large_uploads_are_refused(server):
    """A file above 5 MB is not kept"""
    border = "frontier"
    body = (
        f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="big.txt"\r\n\r\n'
    ).encode() + b"a" * 6_000_000
    body += f"\r\n--{border}--\r\n".encode()
    status, _, _ = raw(f"{server.address}/gradio_api/upload", body, border)
    assert status == 413


def raw(address: str, body: bytes, border: str) -> tuple[int, bytes, dict]:
    """Send a form. Returns the status, what came, and its headers."""
    kind = {"Content-Type": f"multipart/form-data; boundary={border}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, kind)) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


class Evil:
    """What a checkpoint from a stranger might hold: it runs a program when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        """Make a file, when it is unpickled."""
        return os.mkdir, (str(self.path),)


def test_checkpoints_carry_no_code(tmp_path):
    """A checkpoint from a stranger is read as numbers only"""
    torch.save({"config": Evil(tmp_path / "pwned")}, tmp_path / "evil.pt")
    with pytest.raises(Refusal, match="damaged, or no checkpoint"):
        learn.fetch(str(tmp_path / "evil.pt"))
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    "config", [{"n_embd": 10**9}, {"n_layer": -1}, {"vocab_size": 1.5}, [], None]
)
def test_huge_checkpoints_are_refused(tmp_path, config):
    """A small file cannot ask for a huge model"""
    torch.save({"config": config}, tmp_path / "huge.pt")
    with pytest.raises(Refusal, match="no small model"):
        learn.fetch(str(tmp_path / "huge.pt"))
