"""Proves that a runbook works for someone who has never seen the system."""
