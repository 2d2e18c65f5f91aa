"""Which of Arrow's types and values a table here can hold: Polars panics at some, and Python has no date for others."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pyarrow as pa
from pyarrow import compute

_SIMPLE = (
    *(pa.types.is_null, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_date),
    *(pa.types.is_time, pa.types.is_duration, pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
    *(pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary),
)
_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_EPOCH = date(1970, 1, 1)
_DAY = 24 * 60 * 60


def plain(given: pa.DataType) -> pa.DataType | None:
    """The type as which a column is held: without what extensions and other programs add; ``None`` if it cannot be."""
    if isinstance(given, pa.BaseExtensionType):
        return plain(given.storage_type)
    if any(is_so(given) for is_so in _SIMPLE) or _is_decimal(given) or _is_known_time(given):
        return given
    if pa.types.is_dictionary(given):
        value = plain(given.value_type)
        return value and pa.dictionary(given.index_type, value)
    if pa.types.is_struct(given):
        fields = [(field.name, plain(field.type)) for field in given]
        return pa.struct(fields) if all(it is not None for _, it in fields) else None
    if pa.types.is_map(given):
        key, item = plain(given.key_type), plain(given.item_type)
        return pa.map_(key, item) if key is not None and item is not None else None
    return _list(given)


def _list(given: pa.DataType) -> pa.DataType | None:
    sized = pa.types.is_fixed_size_list(given)
    if not (pa.types.is_list(given) or pa.types.is_large_list(given) or (sized and given.list_size)):
        return None
    value = plain(given.value_type)
    if value is None:
        return None
    if sized:
        return pa.list_(value, given.list_size)
    return pa.large_list(value) if pa.types.is_large_list(given) else pa.list_(value)


def _is_decimal(given: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(given)) and given.bit_width <= 128 and 0 <= given.scale <= given.precision


def _is_known_time(given: pa.DataType) -> bool:
    """Whether a type is a time of a day in a time zone that Polars knows, or in none."""
    if not pa.types.is_timestamp(given):
        return False
    try:
        pl.Series(pa.nulls(0, pa.timestamp(given.unit, given.tz)))
    except (UnicodeError, pl.exceptions.PolarsError):
        return False
    return True


def beyond(column: pa.Array) -> str:
    """What is wrong with a column in which a time lies beyond the calendar; empty if none does."""
    given = column.type
    if isinstance(given, pa.BaseExtensionType):
        return beyond(column.storage)
    if pa.types.is_dictionary(given):
        return beyond(column.dictionary)
    if pa.types.is_struct(given):
        return next(filter(None, map(beyond, column.flatten())), "")
    if pa.types.is_map(given):
        return beyond(column.keys) or beyond(column.items)
    if pa.types.is_list(given) or pa.types.is_large_list(given) or pa.types.is_fixed_size_list(given):
        return beyond(column.flatten())
    limits = _limits(given)
    if limits is None or not len(column):
        return ""
    low, high = limits
    wide = column.view(pa.int32() if given.bit_width == 32 else pa.int64())
    found = compute.min_max(wide).as_py()
    if found["min"] is None or (low <= found["min"] and found["max"] <= high):
        return ""
    return f"{given} is beyond the calendar: {found['min'] if found['min'] < low else found['max']}"


def _limits(given: pa.DataType) -> tuple[int, int] | None:
    """The least and the greatest number that is a time; ``None`` of other types."""
    first, last = (date.min - _EPOCH).days, (date.max - _EPOCH).days
    if given == pa.date32():
        return first, last
    if given == pa.date64():
        return first * _DAY * 1000, last * _DAY * 1000
    if pa.types.is_duration(given):
        most = timedelta.max.days * _DAY * _A_SECOND[given.unit]
        return -most, most
    if pa.types.is_timestamp(given):  # but for a day at either end, which the time zone may take
        unit = _A_SECOND[given.unit]
        return (first + 1) * _DAY * unit, last * _DAY * unit
    return None
