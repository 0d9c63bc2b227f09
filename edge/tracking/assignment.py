"""Who goes with whom: the one-to-one pairing of the greatest total gain.

Few tracks compete for the same detections, so the table of gains falls apart into small islands that share no row and
no column. A pair alone on its island needs no search; a larger island is solved by shortest augmenting paths (Jonker
and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems", Computing 1987),
n·m·min(n, m) steps at worst. Nothing random; equal gains are settled by the order of rows and columns.
"""

import numpy as np
import numpy.typing as npt

Pairs = list[tuple[int, int]]


def assigned(gains: npt.NDArray[np.float64]) -> Pairs:
    """Pairs (row, column), by row, that maximise the sum of `gains` (n, m); none that gains nothing (≤ 0) is made."""
    rows, columns = np.nonzero(gains > 0.0)
    pairs: Pairs = []
    for island_rows, island_columns in _islands(rows.tolist(), columns.tolist()):
        if len(island_rows) == 1 and len(island_columns) == 1:
            pairs.append((island_rows[0], island_columns[0]))
            continue
        table = np.maximum(gains[np.ix_(island_rows, island_columns)], 0.0)
        wide = table if len(island_rows) <= len(island_columns) else table.T
        for row, column in _matched((-wide).tolist()):
            if len(island_rows) > len(island_columns):
                row, column = column, row  # noqa: PLW2901 - the table was turned
            if table[row, column] > 0.0:
                pairs.append((island_rows[row], island_columns[column]))
    return sorted(pairs)


def _islands(rows: list[int], columns: list[int]) -> list[tuple[list[int], list[int]]]:
    """Rows and columns that edges (row, column) join, island by island."""
    island_of_row: dict[int, int] = {}
    island_of_column: dict[int, int] = {}
    islands: list[tuple[list[int], list[int]]] = []
    for row, column in zip(rows, columns, strict=True):
        a, b = island_of_row.get(row), island_of_column.get(column)
        if a is None and b is None:
            island_of_row[row] = island_of_column[column] = len(islands)
            islands.append(([row], [column]))
        elif a is None and b is not None:
            island_of_row[row] = b
            islands[b][0].append(row)
        elif b is None and a is not None:
            island_of_column[column] = a
            islands[a][1].append(column)
        elif a is not None and b is not None and a != b:
            for other in islands[b][0]:
                island_of_row[other] = a
            for other in islands[b][1]:
                island_of_column[other] = a
            islands[a][0].extend(islands[b][0])
            islands[a][1].extend(islands[b][1])
            islands[b] = ([], [])
    return [(sorted(r), sorted(c)) for r, c in islands if r]


def _matched(costs: list[list[float]]) -> Pairs:
    """The pairing of every row with one column, of the least total cost; no more rows than columns."""
    count = len(costs[0])
    of_row, of_column = [0.0] * len(costs), [0.0] * count
    taker = [-1] * count
    for start in range(len(costs)):
        least, came_from, done = [float("inf")] * count, [-1] * count, [False] * count
        row, column = start, -1
        while row >= 0:
            best, best_cost = -1, float("inf")
            for other in range(count):
                if done[other]:
                    continue
                cost = costs[row][other] - of_row[row] - of_column[other]
                if cost < least[other]:
                    least[other], came_from[other] = cost, column
                if least[other] < best_cost:
                    best, best_cost = other, least[other]
            of_row[start] += best_cost
            for other in range(count):
                if done[other]:
                    of_row[taker[other]] += best_cost
                    of_column[other] -= best_cost
                else:
                    least[other] -= best_cost
            column, done[best] = best, True
            row = taker[best]
        while column >= 0:
            previous = came_from[column]
            taker[column] = taker[previous] if previous >= 0 else start
            column = previous
    return [(row, column) for column, row in enumerate(taker) if row >= 0]
