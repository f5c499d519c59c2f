"""The forms of regimens: labels and layout; the rules live in services and protocol."""
