"""What this machine's processor can: whether it multiplies eight-bit integers four at a time.

x86 calls it VNNI (avx512_vnni, avx_vnni), ARM dot products (asimddp). Without it eight bits are no quicker than float,
and on older x86 sums of two products do not fit where they are put: what is computed is another thing.
"""

from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
MARKS = frozenset({"avx512_vnni", "avx_vnni", "asimddp"})


def integer_dot_products(cpu_info: Path = CPU_INFO) -> bool:
    """Whether the processor has them; False where nothing tells (only Linux does)."""
    try:
        with cpu_info.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                # All processors of a machine are taken to be alike: the first one tells.
                if name.strip() in ("flags", "Features"):
                    return not MARKS.isdisjoint(value.split())
    except OSError:
        return False
    return False
