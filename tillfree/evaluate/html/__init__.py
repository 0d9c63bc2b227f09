"""The report that a person looks at: one HTML file with pictures of every line that is wrong, and why.

wrong.py     which lines are wrong, what was true instead, what was in doubt
floor.py     the floor plan of a moment, timeline.py a recording's events over time: drawn as SVG
card.py      one wrong line: words, pictures, candidates, reasons
report.py    the page around them
"""
