"""Random knowledge folders, and whatever answers by them held to the meaning that `knowledge/README.md` gives.

::

    seed ─► random_drafts ─► draft ─► a folder of YAML ─► expert.read ─► every executor ┐
                               │                                                        ├─► differences ─► shrinking
                               └────► meaning, worked out without expert ───────────────┘

A *draft* is a knowledge folder as plain Python data, before it is written. ``python -m tests.fuzz`` runs seeds;
``tests/test_fuzz.py`` runs a hundred.
"""
