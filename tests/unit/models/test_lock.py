"""The lock file: the one that comes with Tillfree, and what is said of a wrong one."""

from pathlib import Path

import pytest

from models.catalogue import card, cards
from models.convert.by_name import CONVERTERS
from models.convert.versions import VERSIONS
from models.errors import UnknownModel
from models.lock import LOCK_FILE, LockError, Network, built_in, read_lock
from protocol.errors import TillfreeError
from tests.unit.models.shop import open_shop

CHECKS = LOCK_FILE.parent / "check"


def test_the_built_in_lock_file_names_the_networks_of_the_edge() -> None:
    assert [c.name for c in cards()] == ["nanodet", "movenet-lightning", "efficientnet-lite0", "shelf", "arms"]
    assert card("nanodet").inputs[0].shape == (1, 3, 416, 416)
    assert card("efficientnet-lite0").licence == "Apache-2.0"


@pytest.mark.parametrize("network", built_in().networks.values(), ids=built_in().networks.keys())
def test_every_network_can_be_made_and_checked(network: Network) -> None:
    assert network.converter in CONVERTERS
    assert 0 < (CHECKS / network.check.file).stat().st_size < 200_000


def test_every_converter_has_a_version() -> None:
    assert VERSIONS.keys() == CONVERTERS.keys()


def test_an_unknown_network_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(UnknownModel, match="no network 'nanodt'; there are: nanodet, movenet-lightning, effic"):
        card("nanodt")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("format: 1", "format: 2", r"lock\.yaml:2: format: "),
        ("sha256: [", "sha: [", r"lock\.yaml:3: npm_carrier\.sha: unknown key; did you mean 'sha256'\?"),
        ("converter: tensorflow-js", "converter: keras", r"lock\.yaml:12: networks\.doubler\.converter: "),
        (
            "package: tiny\n",
            "package: large\n",
            r"network 'doubler' comes from package 'large', which `packages` lacks",
        ),
        ("package/tiny.bin", "other/tiny.json", "two files have the same name"),
        ("networks:\n", "networks: {\n", r"lock\.yaml:\d+: "),
    ],
)
def test_a_wrong_lock_file(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    path = open_shop(tmp_path).lock_file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(LockError, match=complaint) as raised:
        read_lock(path)
    assert isinstance(raised.value, TillfreeError)


@pytest.mark.parametrize(
    ("old", "new", "made_anew"),
    [
        ("purpose: doubles", "purpose: makes twice as much", False),
        ("licence: Apache-2.0", "licence: MIT", False),
        ("name: twice", "name: double", True),
        ("tensor: x", "tensor: z", True),
        ("tensorflow-js", "efficientnet-lite", True),
    ],
)
def test_what_a_conversion_depends_on(tmp_path: Path, old: str, new: str, made_anew: bool) -> None:
    shop = open_shop(tmp_path)
    before = shop.lock.networks["doubler"]
    shop.lock_file.write_text(shop.lock_file.read_text().replace(old, new))
    after = shop.lock.networks["doubler"]
    assert (before.key(1) != after.key(1)) is made_anew


def test_a_changed_converter_makes_the_network_anew(tmp_path: Path) -> None:
    network = open_shop(tmp_path).lock.networks["doubler"]
    assert network.key(1) != network.key(2)
