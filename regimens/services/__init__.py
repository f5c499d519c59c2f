"""The acts that can move a date: each one function, one transaction, one outlook, one line of audit."""
