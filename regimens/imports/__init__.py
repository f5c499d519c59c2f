"""A clinic's list of patients, read from a file, checked line by line, and written as proposals."""
