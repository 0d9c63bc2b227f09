"""The real networks, once `tillfree models pull` has fetched them."""

from pathlib import Path

import numpy as np
import pytest

from models.cache import Cache, onnx_path
from models.catalogue import Card, cards
from models.check.stored import disagreement, read_reference
from models.convert.by_name import CONVERTERS
from models.errors import ConversionFailed, ModelNotPulled
from models.lock import LOCK_FILE, built_in
from models.runtime import onnxruntime

TYPES = {"float32": "tensor(float)", "int32": "tensor(int32)"}


@pytest.fixture(params=cards(), ids=lambda card: card.name)
def card(request: pytest.FixtureRequest) -> Card:
    found: Card = request.param
    return found


@pytest.fixture(params=built_in().networks)
def fetched(request: pytest.FixtureRequest) -> str:
    """A network that is converted from a published one."""
    return str(request.param)


@pytest.fixture
def source(fetched: str) -> Path:
    """The published network's first file."""
    paths = [Cache.at_home().source(fetched, file) for file in built_in().networks[fetched].files]
    if None in paths or paths[0] is None:
        pytest.skip(f"{fetched} is not on this machine: run `tillfree models pull`")
    return paths[0]


@pytest.fixture
def session(card: Card) -> onnxruntime.InferenceSession:
    try:
        path = onnx_path(card.name)
    except ModelNotPulled as error:
        pytest.skip(str(error))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def test_conversion_is_deterministic_and_agrees_with_the_reference(fetched: str, source: Path) -> None:
    network = built_in().networks[fetched]
    convert = CONVERTERS[network.converter]
    model = convert(source, network.tensor_names)
    assert convert(source, network.tensor_names) == model
    reference = read_reference(LOCK_FILE.parent / "check" / network.check.file)
    # Closer than a pull demands: what another processor's arithmetic may add has room.
    assert disagreement(model, reference) < network.check.tolerance / 4


def test_a_network_takes_and_gives_what_its_card_says(card: Card, session: onnxruntime.InferenceSession) -> None:
    for described, found in ((card.inputs, session.get_inputs()), (card.outputs, session.get_outputs())):
        assert [(t.name, t.shape) for t in described] == [(t.name, tuple(t.shape)) for t in found]
        assert [TYPES[t.dtype] for t in described] == [t.type for t in found]


def test_appearance_is_computed_for_many_pictures_at_once_and_of_any_size() -> None:
    try:
        path = onnx_path("efficientnet-lite0")
    except ModelNotPulled as error:
        pytest.skip(str(error))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    pictures = np.random.default_rng(0).normal(size=(3, 3, 96, 64)).astype(np.float32)
    (together,) = session.run(["features"], {"image": pictures})
    alone = [session.run(["features"], {"image": picture[np.newaxis]})[0][0] for picture in pictures]
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    source = Cache.at_home().source("efficientnet-lite0", built_in().networks["efficientnet-lite0"].files[0])
    if source is None:
        pytest.skip("efficientnet-lite0 is not on this machine: run `tillfree models pull`")
    content = source.read_bytes().replace(b"_conv_head.weight", b"_conv_tail.weight")
    (tmp_path / "other.pth").write_bytes(content)
    with pytest.raises(ConversionFailed, match=r"other\.pth: tensor '_conv_head\.weight' is missing"):
        CONVERTERS["efficientnet-lite"](tmp_path / "other.pth", {})
