"""Scenes that come with the project: what makes it hard to tell who took what, one thing a file."""
