"""Which pairs to make so that their gains add up to the most; who gains nothing by any stays alone.

The Hungarian method with potentials (Kuhn 1955; Munkres 1957), for the dozen people whom one picture shows.
"""

import math
from collections.abc import Sequence


def best_pairs(gains: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """(row, column) pairs with positive gains whose sum is greatest, by row; each row and column in one pair at most.

    `gains` has as many columns in every row.
    """
    rows = len(gains)
    # A column of its own for each row is the choice to stay alone.
    costs = [[-max(gain, 0.0) for gain in row] + [0.0] * rows for row in gains]
    columns = len(costs[0]) if rows else 0
    row_of = [-1] * columns
    row_price, column_price = [0.0] * rows, [0.0] * columns
    for row in range(rows):
        _augment(costs, row, row_of, row_price, column_price)
    return sorted((row, column) for column, row in enumerate(row_of) if row >= 0 and costs[row][column] < 0.0)


def _augment(
    costs: Sequence[Sequence[float]], first: int, row_of: list[int], row_price: list[float], column_price: list[float]
) -> None:
    """Give row `first` a column along the cheapest path of exchanges (Dijkstra's order on reduced costs)."""
    columns = len(row_of)
    least, before, done = [math.inf] * columns, [-1] * columns, [False] * columns
    row, column = first, -1
    while True:
        step, nearest = math.inf, -1
        for other in range(columns):
            if done[other]:
                continue
            reduced = costs[row][other] - row_price[row] - column_price[other]
            if reduced < least[other]:
                least[other], before[other] = reduced, column
            if least[other] < step:
                step, nearest = least[other], other
        row_price[first] += step
        for other in range(columns):
            if done[other]:
                row_price[row_of[other]] += step
                column_price[other] -= step
            else:
                least[other] -= step
        done[nearest], column = True, nearest
        row = row_of[column]
        if row < 0:
            break
    while column >= 0:
        previous = before[column]
        row_of[column] = first if previous < 0 else row_of[previous]
        column = previous
