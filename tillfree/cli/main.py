"""The `tillfree` command: its groups, and how an error reaches the terminal."""

import sys

import typer

from protocol.errors import TillfreeError
from tillfree.cli import (
    calibrate,
    cameras,
    cloud,
    demo,
    edge,
    evaluate,
    evaluate_hands,
    evaluate_qr,
    models,
    products,
    simulate,
    tokens,
    track,
)

app = typer.Typer(
    name="tillfree",
    help="A shop without tills.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(demo.demo)
app.command()(simulate.simulate)
app.command()(track.track)
app.add_typer(edge.app, name="edge")
app.add_typer(cameras.app, name="cameras")
app.add_typer(calibrate.app, name="calibrate")
app.add_typer(cloud.app, name="cloud")
app.add_typer(models.app, name="models")
app.add_typer(products.app, name="products")
app.add_typer(tokens.app, name="tokens")
evaluate.app.command()(evaluate_hands.hands)
evaluate.app.command()(evaluate_qr.qr)
app.add_typer(evaluate.app, name="evaluate")


EXTRA_OF = {
    "alembic": "cloud",
    "av": "edge",
    "cryptography": "edge",
    "cv2": "edge",
    "fastapi": "cloud",
    "gpiod": "gpio",
    "httpx": "demo",
    "moderngl": "sim",
    "numpy": "edge",
    "onnx": "models",
    "onnxruntime": "edge",
    "paho": "edge,cloud",
    "psycopg": "postgres",
    "pycocotools": "evaluate",
    "scipy": "evaluate",
    "sqlalchemy": "cloud",
    "uvicorn": "cloud",
    "zxingcpp": "edge",
}
"""Which extra brings which package: a machine that has only the edge has no database, and the other way round."""


def main() -> None:
    """Run the command line; an error of ours becomes one message on stderr and exit status 1."""
    try:
        app()
    except TillfreeError as error:
        _end(str(error))
    except ModuleNotFoundError as error:
        extra = EXTRA_OF.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        _end(f"this command needs {error.name}, which is not installed here: pip install 'tillfree[{extra}]'")


def _end(message: str) -> None:
    print(f"tillfree: {message}", file=sys.stderr)  # noqa: T201 - the terminal is where this belongs
    sys.exit(1)
