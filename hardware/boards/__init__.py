"""Computers that Tillfree runs on: what each is good for. `found.board_here` says which one this is."""
