"""Enrolling products into a store file, and looking over those that are there."""
