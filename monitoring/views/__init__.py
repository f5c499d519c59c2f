"""The pages that watch, one page a file."""
