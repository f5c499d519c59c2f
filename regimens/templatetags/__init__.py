"""Filters for templates: how regimens, products and routes are named."""
