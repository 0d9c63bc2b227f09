"""Writing a played scene down: as a recording of signals, as one with pictures, and as labelled pictures to train on.

`signals` and `with_pictures` write folders that `protocol.recording` reads; `frames` gives the same pictures and labels
one by one, without files.
"""
