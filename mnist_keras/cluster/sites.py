"""The clusters of the Digital Research Alliance of Canada: what differs between them.

From the Alliance's documentation as of April 2026. Each cluster names itself in `CC_CLUSTER`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MODULES = "python/3.11 gcc opencv"


@dataclass(frozen=True)
class Site:
    """A cluster."""

    name: str  # as people write it
    # what `--gpus-per-node` calls a small slice of a GPU, where there are any, and a whole one
    small: str = ""
    whole: str = ""
    hours: int = 0  # the longest job
    modules: str = MODULES  # what has to be loaded
    accounts: bool = True  # whether each job names whose share it uses


PLAIN = Site("this cluster", modules="", accounts=False)
SITES = {
    "fir": Site("Fir", "nvidia_h100_80gb_hbm3_1g.10gb", "h100", 168),
    "nibi": Site("Nibi", "h100_1g.10gb", "h100", 168),
    "rorqual": Site("Rorqual", "h100_1g.10gb", "h100", 168),
    "narval": Site("Narval", "a100_1g.5gb", "a100", 168),
    "trillium": Site("Trillium", "h100", "h100", 24),
}


def site_here(environment: Mapping[str, str]) -> Site:
    """Tell the cluster by its environment; any other Slurm is a plain one."""
    name = environment.get("CC_CLUSTER", "")
    if not name:
        return PLAIN
    return SITES.get(name.lower(), Site(name.capitalize()))
