"""Makes recordings: of runs that GitHub has, and of failing runs of a suite on this machine."""
