"""Which networks a store's cameras need. Loads nothing, so that whoever fetches networks need not load them."""

from protocol.store import Store

PERSONS, APPEARANCE = "nanodet", "efficientnet-lite0"
POSE = "movenet-lightning"
"""No store needs it: only who asks for wrists."""
SHELF = "shelf"
"""For free shelves. It comes with Tillfree: nobody has to fetch it."""


def needed(store: Store) -> tuple[str, ...]:
    """The names of the networks that the store's cameras need."""
    roles = {camera.role for camera in store.cameras}
    free = {view.slot for camera in store.cameras for view in camera.views} & store.free()
    return (
        *([PERSONS] if "area" in roles else []),
        *([APPEARANCE] if "shelf" in roles else []),
        *([SHELF] if free else []),
    )
