"""Fetching packages through the package managers' own clients, which know this machine's registries and proxies."""
