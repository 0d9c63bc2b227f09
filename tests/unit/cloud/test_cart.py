from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.cart import Cart, CartLine, Saying, Surplus, cart_of
from protocol.events import Change

MINE, THEIRS = UUID(int=1), UUID(int=2)


def change(kind: str, sku: str | None, qty: int = 1, p: float = 0.95) -> Change:
    return Change.model_validate({"type": kind, "sku": sku, "qty": qty, "p": p})


def saying(number: int, *changes: Change, revision: int = 1, visit: UUID | None = MINE, event: int = 0) -> Saying:
    return Saying(UUID(int=number), revision, UUID(int=event or number * 100 + revision), visit, changes)


def line(sku: str | None, qty: int, p: float, *interactions: int) -> CartLine:
    return CartLine(sku, qty, p, tuple(UUID(int=number) for number in interactions))


@pytest.mark.parametrize(
    ("sayings", "cart"),
    [
        pytest.param([], Cart(), id="nothing was seen"),
        pytest.param([saying(1)], Cart(), id="a touch changes nothing"),
        pytest.param([saying(1, change("pick", "a", 2))], Cart((line("a", 2, 0.95, 1),)), id="a pick"),
        pytest.param(
            [saying(1, change("pick", "a", 3)), saying(2, change("put_back", "a", 1, 0.91))],
            Cart((line("a", 2, 0.91, 1, 2),)),
            id="a put-back subtracts, and its doubt is the line's",
        ),
        pytest.param(
            [saying(1, change("pick", "a")), saying(2, change("put_back", "a", 1, 0.2))],
            Cart(),
            id="what went back is no line, however unsure",
        ),
        pytest.param(
            [saying(1, change("pick", "a")), saying(2, change("put_back", "b"))],
            Cart((line("a", 1, 0.95, 1),), (Surplus("b", 1),)),
            id="never negative: what was put back untaken is surplus",
        ),
        pytest.param(
            [saying(1, change("pick", "a")), saying(1, change("pick", "b"), revision=2)],
            Cart((line("b", 1, 0.95, 1),)),
            id="the later revision counts",
        ),
        pytest.param(
            [saying(1, change("pick", "a")), saying(1, change("pick", "a"), revision=2, visit=THEIRS)],
            Cart(),
            id="a revision gives it to another visit",
        ),
        pytest.param(
            [saying(1, change("pick", None)), saying(2, change("pick", "z"))],
            Cart((line("z", 1, 0.95, 2), line(None, 1, 0.95, 1))),
            id="an unknown product is a line of its own, at the end",
        ),
        pytest.param(
            [saying(1, change("pick", "a"), change("pick", "b", 1, 0.5))],
            Cart((line("a", 1, 0.95, 1), line("b", 1, 0.5, 1))),
            id="two products in one reach",
        ),
    ],
)
def test_cart(sayings: list[Saying], cart: Cart) -> None:
    assert cart_of(MINE, sayings) == cart


changes = st.builds(
    change,
    st.sampled_from(["pick", "put_back"]),
    st.sampled_from(["a", "b", None]),
    st.integers(1, 3),
    st.floats(0, 1),
)
sayings = st.builds(
    Saying,
    st.integers(1, 4).map(lambda number: UUID(int=number)),
    st.integers(1, 3),
    st.integers(1, 10**6).map(lambda number: UUID(int=number)),
    st.sampled_from([MINE, THEIRS, None]),
    st.lists(changes, max_size=3).map(tuple),
)


@given(st.data())
def test_the_same_sayings_give_the_same_cart_in_any_order_and_however_often(data: st.DataObject) -> None:
    said = data.draw(st.lists(sayings, max_size=8, unique_by=lambda each: each.event))
    again = data.draw(st.lists(st.sampled_from(said), max_size=8)) if said else []
    shuffled = data.draw(st.permutations([*said, *again]))
    assert cart_of(MINE, shuffled) == cart_of(MINE, said)


@given(st.lists(sayings, max_size=8, unique_by=lambda each: each.event))
def test_pieces_are_neither_made_nor_lost(said: list[Saying]) -> None:
    cart = cart_of(MINE, said)
    assert all(line.qty > 0 for line in cart.lines)
    assert all(surplus.qty > 0 for surplus in cart.surplus)
    latest: dict[UUID, Saying] = {}
    for each in sorted(said, key=lambda each: each.rank):
        latest[each.interaction] = each
    moved = [c for each in latest.values() if each.visit == MINE for c in each.changes]
    for sku in {c.sku for c in moved}:
        net = sum(c.qty if c.type == "pick" else -c.qty for c in moved if c.sku == sku)
        carried = sum(line.qty for line in cart.lines if line.sku == sku)
        assert carried - sum(surplus.qty for surplus in cart.surplus if surplus.sku == sku) == net
