"""The yardstick: what the pipeline is worth on recordings, scenes and pictures that it has never met.

    recording.py, many.py   a recording played (replay.py, watching.py) and scored; several at once
    events.py, receipts.py, shoppers.py, people.py, calibration.py, delay.py    one family of figures each
    summary.py, html/       all of them as JSON, and as a report with pictures of what is wrong
    scenarios*.py, library.py   written scenes and the library's, played by playing.py, scenes.py at a time
    tracks/                 HOTA, identity and CLEAR scores, of MOTChallenge text and of recordings
    coco.py, persons.py     the person detector on labelled pictures

docs/evaluating.md tells what every number says.
"""
