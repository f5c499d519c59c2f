"""What is known: clinics, staff, patients, clinical facts, results, symptom reports, and the audit trail."""
