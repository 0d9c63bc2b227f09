"""Clips of interactions that somebody may have to decide about: short, small, nobody to be known in them, and sealed.

pictures ─▶ ring (memory, bounded) ─▶ clip: only what is needed, unrecognisable elsewhere ─▶ sealed file (expires)
└─▶ its hash goes into the event                      └─▶ the cloud, when it asks
"""
