"""The rim: where the cloud meets databases, brokers and whoever holds the money."""
