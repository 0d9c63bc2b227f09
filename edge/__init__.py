"""What runs in the store: pixels in, events out.

perception/ (pixels → observations), tracking/ (→ people on the floor), shelves/ (→ interactions), visits/ (→ carts and
events), delivery/ (outbox, MQTT), and the node that wires them.
"""
