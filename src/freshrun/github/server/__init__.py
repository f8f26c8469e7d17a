"""A stand-in for GitHub: a recorded run of GitHub Actions, served to the real `gh`.

It runs inside the fresh machine, from one archive, on nothing but Python's standard library (3.10
or newer): its modules import each other and nothing else of freshrun.
"""
