"""Tables of patients: CSV, Parquet and NDJSON files become columns of findings, every fault reported with its place.

::

    paths ──files──► streams ──delimited, ndjson, parquet──► Pieces: rows whose structure is right, as they were read
                                                                │  columns   which column tells which finding
                                                                ▼  cells     text becomes values
                                                             Batches: patients, what is passed on, rejects

A row is answered or rejected, never dropped and never guessed: a row with a fault goes whole to the rejects, with every
fault that it has. What a cell means is said by `expert.read.patient.PatientReader`, once for each different text, so a
table and a single patient are read alike, message for message.
"""

from __future__ import annotations

from expert.columns.read.batch import Batch, Fault, Reject
from expert.columns.read.rejects import RejectsFile, Tally, row_of
from expert.columns.read.tables import read_cohort

__all__ = ["Batch", "Fault", "Reject", "RejectsFile", "Tally", "read_cohort", "row_of"]
