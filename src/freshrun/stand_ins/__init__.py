"""Programs that stand in, inside the fresh machine, for services that it can't reach."""
