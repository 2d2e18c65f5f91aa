"""The offline page: the knowledge as a script that answers in a browser, and the form around it.

::

    Definitions, Domain ── to_script ──► data ┐
                             answer.js ───────┼─ page ──► one HTML file
            words, record, fields, shown, form ┘

The script runs the same definitions as every other executor; tests hold its answers equal to those of Python. Of the
form, ``words.js`` and ``record.js`` turn an answer into words, ``fields.js`` asks, ``shown.js`` shows the answer, and
``form.js`` joins them. Only text reaches the page, never markup.
"""
