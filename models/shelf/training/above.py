"""Boxes of the 26 pictures of mini_amazon_go_shenzhen_s1, which come without any: drawn by hand for this project.

In shares of 231.5 pixels, a picture's width; good to about 3 pixels of these. A box that is not to be asked for (mostly
hidden, or smeared) ends with False.
"""

WIDTH = 231.5
Box = tuple[str, float, float, float, float] | tuple[str, float, float, float, float, bool]

CAN = ("product", 34, 48, 82, 98)
CAN_2 = ("product", 87, 51, 134, 99)
CAN_FAR = ("product", 118, 0, 170, 45)
CAN_EDGE = ("product", 105, 0, 155, 25)
CAN_ASLANT = ("product", 20, 60, 87, 106)
CUP = ("product", 124, 0, 203, 81)
CUP_2 = ("product", 113, 83, 191, 157)
CUP_RIGHT = ("product", 169, 5, 231, 83)
CUP_LOW = ("product", 118, 88, 195, 162)
CUP_MIDDLE = ("product", 119, 69, 195, 146)

AT_FIRST: tuple[Box, ...] = (CAN, CAN_2, CUP, CUP_2)
BOXES: tuple[tuple[Box, ...], ...] = (
    *([AT_FIRST] * 8),
    (
        CAN,
        ("product", 87, 51, 134, 99, False),
        ("product", 124, 0, 203, 81, False),
        ("product", 113, 83, 191, 157, False),
        ("hand", 95, 55, 231, 156),
    ),
    AT_FIRST,
    (CAN, CAN_2, ("product", 128, 14, 208, 90), CUP_2, ("hand", 155, 0, 195, 18, False)),
    (CAN, CAN_2, ("product", 163, 0, 231, 78), CUP_2, ("hand", 152, 0, 182, 65)),
    (CAN_ASLANT, ("product", 78, 27, 136, 70), CUP_RIGHT, CUP_LOW, ("hand", 105, 0, 156, 65)),
    (CAN_ASLANT, CUP_RIGHT, CUP_LOW),
    (CAN_ASLANT, CAN_FAR, CUP_RIGHT, ("product", 118, 88, 195, 162, False), ("hand", 118, 85, 211, 162)),
    (CAN_ASLANT, CAN_FAR, CUP_RIGHT),
    (
        CAN_ASLANT,
        ("product", 118, 0, 170, 45, False),
        CUP_RIGHT,
        ("product", 118, 69, 195, 162, False),
        ("hand", 82, 55, 215, 152),
    ),
    (CAN_FAR, CUP_RIGHT, CUP_MIDDLE),
    (CAN, CAN_FAR, CUP_RIGHT, CUP_MIDDLE),
    (CAN, CAN_FAR, CUP_RIGHT, CUP_MIDDLE),
    (CAN, ("product", 118, 0, 170, 45, False), CUP_RIGHT, CUP_MIDDLE, ("hand", 116, 0, 212, 56)),
    (CAN, ("product", 105, 0, 155, 25, False), CUP_RIGHT, CUP_MIDDLE, ("hand", 100, 0, 175, 36)),
    (CAN, CAN_EDGE, CUP_RIGHT),
    (CAN, ("product", 105, 0, 155, 25, False), ("product", 110, 65, 190, 170, False), ("hand", 112, 40, 228, 170)),
    (CAN, CAN_EDGE, ("product", 143, 0, 231, 38), ("product", 108, 68, 194, 148)),
    (CAN, CAN_EDGE, ("product", 108, 68, 194, 148), ("product", 172, 0, 210, 60, False), ("hand", 178, 0, 231, 83)),
)
