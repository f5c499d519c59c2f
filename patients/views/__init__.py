"""The pages of what is known of a person beside the clinical: finding, registering, contact, consent."""
