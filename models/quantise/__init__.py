"""Networks in eight-bit integers: `folding` clears the way, `ranges` says what values occur, `eight_bits` writes it.

docs/models.md says what was measured, and where they are used.
"""
