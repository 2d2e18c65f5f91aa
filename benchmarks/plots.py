"""Plots by matplotlib."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.report import Bars, Lines, figure

mpl.rcParams["svg.hashsalt"] = "benchmarks"  # the same figures give the same file


def draw(plot: Lines | Bars, file: Path) -> None:
    """Write a plot as SVG."""
    canvas = Figure(figsize=(8, 4.5), layout="constrained")
    axes = canvas.subplots()
    axes.set_title(plot.title)
    axes.set_xlabel(plot.across)
    if isinstance(plot, Bars):
        _bars(axes, plot)
    else:
        _lines(axes, plot)
    canvas.savefig(file, metadata={"Date": None})


def _bars(axes: Axes, plot: Bars) -> None:
    drawn = axes.barh(list(plot.bars), list(plot.bars.values()))
    axes.bar_label(drawn, labels=[figure(value) for value in plot.bars.values()], padding=3)
    axes.set_xscale("log")
    axes.invert_yaxis()
    axes.margins(x=0.2)


def _lines(axes: Axes, plot: Lines) -> None:
    for name, points in plot.lines.items():
        axes.plot(list(points), list(points.values()), marker="o", label=name)
    axes.set_yscale("log")
    if not plot.shares:
        axes.set_xscale("log")
    axes.set_ylabel(plot.up)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
