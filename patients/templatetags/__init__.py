"""Filters for templates: how clinical words, dates and names are written, and how fields are laid out."""
