"""Every benchmark, one after the other."""

from __future__ import annotations

from tests.bench import delivery, http, search, stages

if __name__ == "__main__":
    for bench in (stages, search, http, delivery):
        bench.main()
