"""Where a camera hangs, how its lens bends, and what its pixels are on the floor, in metres.

Pure thinking in numpy: marked points (points.py), a printed board (board.py), people who walk (people.py), each with an
error that is measured on what the fit has not seen. What looks at pictures stands in pictures/; commands stand outside.
"""
