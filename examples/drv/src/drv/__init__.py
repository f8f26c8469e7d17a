"""Meters usage and shares capacity between tenants, over PostgreSQL with row-level security."""
