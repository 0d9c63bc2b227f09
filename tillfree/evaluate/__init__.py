"""The yardstick: what the pipeline is worth on recordings and pictures that it has never met."""
