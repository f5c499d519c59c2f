"""What the medicine says, as pure values and functions: no Django, no clock, no database."""
