"""Whether a converted network computes what the reference implementation computes, on a stored input and its outputs.

`stored` is the check that `pull` makes. The other files made what is stored; README.md in this folder says how.
"""
