"""What to watch: worklists, the patient page, labs due, decisions, dashboards, messages and their delivery."""
