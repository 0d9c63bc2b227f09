"""A payment gateway of our own, in another house: for tests and demos.

It holds no real money and behaves badly on request. It speaks HTTP and is asked over HTTP alone; nothing else of the
cloud knows it. `book` is the money, `keys` the idempotency, `faults` what goes wrong, `gateway` puts them together
without any I/O, `server` serves it, `webhooks` tells others what happened.
"""
