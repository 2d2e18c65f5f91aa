"""Timings, side by side: ``python -m benchmarks`` writes RESULTS.md and plots (``--quick`` in about a minute).

``peers/`` holds what is compared, generated from the shipped knowledge; ``single``, ``cohort``, ``parquet``, ``memory``
and ``huge`` measure; ``report`` and ``plots`` show. Further studies have a command each: ``questions``, ``watch``,
``check`` and ``journal_kill``.
"""
