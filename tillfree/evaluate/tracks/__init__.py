"""Who is who from picture to picture, against the truth: HOTA, identity and CLEAR scores of tracks.

mot.py       MOTChallenge text, rows checked
meetings.py  truth and tracks frame by frame, with how alike each pair is
hota.py · identity.py · clear.py   one family of scores each, as sums that add up over sequences
score.py     all of them together, in per cent
"""
