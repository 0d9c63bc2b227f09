"""What puts the parts together: the command line, the demo and the yardstick."""
