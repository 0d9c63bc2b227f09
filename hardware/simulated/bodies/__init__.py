"""People for the pictures: dressed bodies of many builds, and their poses. Numpy only.

`figure` dresses a body by its seed, `pose` puts its bones where a moment of the world wants them. The shapes are
MakeHuman's, baked once by `bake` into `wardrobe.npz`; see NOTICE.md beside it.

Bodies live in their own frame, metres: x forward, y to their left, z up, the soles at z = 0.
"""
