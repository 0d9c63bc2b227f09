"""What a camera sees of the mock store: pictures and instance ids, drawn by OpenGL on EGL without a screen.

A layout and a moment of the world go in (`renderer`), a picture and the truth about each of its pixels come out
(`ids`, `visible`). Needs the extra `sim` and the Debian packages libegl1 and libgl1-mesa-dri; only `context` and
`renderer` touch them, so that the package can be imported without.
"""
