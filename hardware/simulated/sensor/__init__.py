"""What a real camera makes of what there is to see: small values that each spoil one thing, and compose.

Pictures go in and come out as (height, width, 3) uint8, blue-green-red. Whatever is random is drawn from the stream
that is handed in, so that the same stream spoils the same way.
"""
