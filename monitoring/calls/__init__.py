"""Patients to phone: why each is on the list, what came of a call, and what keeps a patient off the list meanwhile."""
