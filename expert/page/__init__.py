"""The offline page: the knowledge as a script that answers in a browser, and the form around it.

::

    Definitions, Domain ── to_script ──► data ┐
                             answer.js ───────┼─ page ──► one HTML file
                       form.js, form.css ─────┘

The script runs the same definitions as every other executor; tests hold its answers equal to those of Python.
"""
