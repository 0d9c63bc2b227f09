"""Cameras from people who walk: whom two of them see, their feet, their heads, and that they are as tall as people."""
