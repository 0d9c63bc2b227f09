"""From an event that was observed to an event that the cloud has committed, with nothing lost and nothing twice.

outbox (on disk before it is sent) → relay (which to send when; pure) → link (MQTT) → the cloud, whose cumulative ack
comes back the same way and alone deletes. The node sees `delivery.Delivery`, which puts the three together.
"""
