"""`python -m tillfree` is the `tillfree` command."""

from tillfree.cli import main

main()
