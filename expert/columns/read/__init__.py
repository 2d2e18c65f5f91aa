"""Tables of patients: CSV, Parquet and NDJSON files become columns of findings, every fault reported with its place.

::

    paths ──input_files──► streams ──csv_rows, ndjson, parquet──► Pieces: rows whose structure is right, as read
                                                                │  header    which column is which finding
                                                                ▼  cell_meaning, typed_column     text becomes values
                                                             Batches: patients, what is passed on, rejects

A row is answered or rejected, never dropped and never guessed: a row with a fault goes whole to the rejects, with every
fault that it has. What a cell means is decided by `expert.read.patient.PatientReader`, once for each different text, so
a table and a single patient are read alike, message for message.
"""

from __future__ import annotations

from expert.columns.read.batch import Batch, Reject, RowFault
from expert.columns.read.rejects import RejectsFile, Tally
from expert.columns.read.tables import read_cohort

__all__ = ["Batch", "Reject", "RejectsFile", "RowFault", "Tally", "read_cohort"]
