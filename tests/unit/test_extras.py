"""What is installed for one end works without the other end's packages."""

import subprocess
import sys

import pytest

EDGE = ("av", "cv2", "numpy", "onnx", "onnxruntime")
CLOUD = ("alembic", "fastapi", "sqlalchemy", "starlette", "uvicorn")

WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
"""


def run(absent: tuple[str, ...], then: str) -> subprocess.CompletedProcess[str]:
    code = WITHOUT.format(absent=set(absent)) + then
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("absent", "imported"),
    [
        (CLOUD, "edge.node, edge.play, edge.delivery.delivery, hardware.live, models.cache, tillfree.cli.main"),
        (EDGE, "cloud.app, cloud.serving, tillfree.cli.main"),
    ],
)
def test_one_end_loads_without_the_other_ends_packages(absent: tuple[str, ...], imported: str) -> None:
    result = run(absent, f"import {imported}")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("absent", "command", "extra"),
    [
        (CLOUD, ["cloud", "serve"], "tillfree[cloud]"),
        (EDGE, ["edge", "run", "--recording", "x"], "tillfree[edge]"),
        (("scipy",), ["evaluate", "tracks", "--truth", "x", "--tracks", "x"], "tillfree[evaluate]"),
    ],
)
def test_a_command_whose_packages_are_absent_says_what_to_install(
    absent: tuple[str, ...], command: list[str], extra: str
) -> None:
    then = f"sys.argv = ['tillfree', *{command!r}]\nfrom tillfree.cli import main\nmain()"
    result = run(absent, then)
    assert result.returncode == 1
    assert extra in result.stderr
    assert "Traceback" not in result.stderr
