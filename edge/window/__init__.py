"""What the node sees at this moment, for whoever stands beside the machine: pictures, people, stock.

Only on the loopback address, only the latest of each, and nothing of it is kept.
"""
