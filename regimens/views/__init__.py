"""The pages of what was decided and given, one subject a file."""
