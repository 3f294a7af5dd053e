"""Opens the page, for this computer alone, and sends nothing anywhere."""

import os
from pathlib import Path

from mini_gpt.support.refusal import Refusal

HOST = "127.0.0.1"
"""No other computer can reach the page under this address."""
PORT = 7860
ANNOUNCE = Path(__file__).with_name("announce.js")
"""Lets a screen reader say what the model wrote: Gradio's text boxes are silent."""
LARGEST_FILE = "5mb"
AT_ONCE, WAITING = 2, 40
"""So many visitors are served at the same time, and so many more may wait for their turn."""

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",  # nobody is counted
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",  # nothing is downloaded
}
OPEN_DOORS = ("GRADIO_ALLOWED_PATHS", "GRADIO_SHARE", "GRADIO_MCP_SERVER", "GRADIO_ROOT_PATH")
"""Settings of other projects that would open this page further."""


def prepare() -> None:
    """Make Gradio quiet and private, before it is imported for the first time.

    Raises:
        Refusal: it is not installed, or too old.
    """
    os.environ.update(QUIET)
    for name in OPEN_DOORS:
        os.environ.pop(name, None)
    install = "pip install -r requirements-web.txt"
    try:
        import gradio
    except ModuleNotFoundError as error:
        if error.name != "gradio":
            raise
        raise Refusal(f"The page needs a package more: {install}") from None
    if tuple(map(int, gradio.__version__.split(".")[:2])) < (6, 7):
        wrong = f"Gradio must be 6.7 or newer to be safe, this is {gradio.__version__}"
        raise Refusal(f"{wrong}: {install}")


def serve(model_file: Path, port: int = PORT, browser: bool = True) -> None:
    """Open the page, and keep it open until Ctrl-C.

    Args:
        model_file: the model that it is about. If it cannot be used, the page says so.
        port: where the page is found, at http://127.0.0.1:port.
        browser: whether to show it in the browser.

    Raises:
        Refusal: Gradio is missing, or the port is taken.
    """
    print("The page is being built. This takes a few seconds ...", flush=True)
    prepare()
    page = start(model_file, port, browser)
    print(f"Your page: {page.local_url}   (Ctrl-C closes it)", flush=True)
    try:
        page.block_thread()
    finally:
        page.close(verbose=False)


def theme():
    """Return how the page looks: fonts that are here already, and colors that everybody can read.

    Each text stands out from what is behind it by 4.5 to 1, as WCAG 2.2 asks for, light and dark.
    """
    import gradio as gr

    look = gr.themes.Default(
        primary_hue="blue", font=["system-ui", "sans-serif"], font_mono=["monospace"]
    ).set(
        color_accent="*primary_700",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_800",
    )
    look.color_accent_dark = "*primary_300"  # set() does not know it, the page does
    return look


def start(model_file: Path, port: int, browser: bool = False):
    """Build the page and open it, and return it. It runs beside what comes next."""
    from mini_gpt.support.web.page import build

    page = build(model_file).queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)
    try:
        page.launch(
            server_name=HOST,
            server_port=port,
            inbrowser=browser,
            share=False,
            ssr_mode=False,
            mcp_server=False,
            enable_monitoring=False,
            max_file_size=LARGEST_FILE,
            footer_links=[],
            theme=theme(),
            js=ANNOUNCE.read_text(encoding="utf-8"),
            prevent_thread_lock=True,
            quiet=True,
        )
    except OSError as error:
        if "port" not in str(error):
            raise
        raise Refusal(f"Port {port} is taken: try --port {port + 1}.") from None
    return page
