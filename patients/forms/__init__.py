"""The forms of patients: labels and layout; rules live in services and beside the model."""
