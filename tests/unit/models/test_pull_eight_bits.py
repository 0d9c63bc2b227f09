"""The variant in eight bits: made with its network, missed and damaged on its own, and never from altered ranges."""

from functools import partial
from pathlib import Path

import pytest

from models.errors import CheckFailed, ModelNotPulled, WrongHash
from models.pull import pull
from models.quantise.ranges import read_ranges, write_ranges
from tests.unit.models.shop import Shop, open_shop
from tests.unit.models.test_pull import FakeRegistry


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The shop whose doubler has a variant: of a network without a convolution nothing is rounded."""
    shop = open_shop(tmp_path)
    sha256 = write_ranges(tmp_path / "doubler.json", "doubler", "nothing", {"number": (-1.0, 1.0)})
    monkeypatch.setattr("models.pull.read_ranges", partial(read_ranges, folder=tmp_path))
    entry = f'    eight_bits: {{ranges: doubler.json, sha256: "{sha256}", tolerance: 0.05}}\n'
    text = shop.lock_file.read_text()
    shop.lock_file.write_text(text.replace("    purpose: doubles\n", f"{entry}    purpose: doubles\n"))
    return shop


def pull_from(shop: Shop, registry: FakeRegistry) -> None:
    pull(["doubler"], lock=shop.lock, cache=shop.cache, fetcher=registry)


def test_it_is_made_with_its_network_and_found_by_its_own_name(shop: Shop) -> None:
    registry = FakeRegistry(shop.archive)
    with pytest.raises(ModelNotPulled, match=r"'doubler' in eight bits is not on this machine .*models pull doubler"):
        shop.cache.path(shop.lock, "doubler", eight_bits=True)
    pull_from(shop, registry)
    pull_from(shop, registry)
    whole, plain = (shop.cache.path(shop.lock, "doubler", eight_bits=each) for each in (True, False))
    assert whole.parent.parent.name == "doubler-int8"
    assert plain.parent.parent.name == "doubler"
    assert registry.fetched == 1


def test_a_damaged_one_is_refused_and_made_anew_without_fetching(shop: Shop) -> None:
    registry = FakeRegistry(shop.archive)
    pull_from(shop, registry)
    whole = shop.cache.path(shop.lock, "doubler", eight_bits=True)
    content = whole.read_bytes()
    whole.write_bytes(content[:-1])
    with pytest.raises(ModelNotPulled, match=r"'doubler' in eight bits is damaged .*run: tillfree models pull doubler"):
        shop.cache.path(shop.lock, "doubler", eight_bits=True)
    pull_from(shop, registry)
    assert shop.cache.path(shop.lock, "doubler", eight_bits=True).read_bytes() == content
    assert registry.fetched == 1


def test_altered_ranges_make_nothing(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "doubler.json").write_text((tmp_path / "doubler.json").read_text().replace("1.0", "9.0"))
    with pytest.raises(WrongHash, match=r"doubler\.json: its SHA-256 is"):
        pull_from(shop, FakeRegistry(shop.archive))
    with pytest.raises(ModelNotPulled):
        shop.cache.path(shop.lock, "doubler")


def test_one_that_computes_something_else_is_not_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.pull.folded", lambda model: model.replace(b"Mul", b"Add"))
    with pytest.raises(CheckFailed, match=r"doubler in eight bits: it does not agree with .* in the mean"):
        pull_from(shop, FakeRegistry(shop.archive))


def test_a_network_without_a_variant_is_its_own(tmp_path: Path) -> None:
    plain = open_shop(tmp_path)
    pull_from(plain, FakeRegistry(plain.archive))
    assert plain.cache.path(plain.lock, "doubler", eight_bits=True) == plain.cache.path(plain.lock, "doubler")
