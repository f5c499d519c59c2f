"""An invented clinic, to try the program with."""
