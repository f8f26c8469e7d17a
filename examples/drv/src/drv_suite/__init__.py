"""The integration suite of drv: scenarios against a real PostgreSQL."""
