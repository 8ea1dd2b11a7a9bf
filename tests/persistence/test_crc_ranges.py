import numpy as np
from google_crc32c import extend
from hypothesis import given
from hypothesis import strategies as st

from riskengine.persistence.crc_ranges import PrefixCrcs, range_crcs


@given(
    data=st.binary(min_size=1, max_size=300),
    seed=st.integers(0, (1 << 32) - 1),
    blocks=st.integers(1, 50),
    cuts=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=20),
)
def test_the_crc_of_a_range_is_that_of_its_bytes(
    data: bytes, seed: int, blocks: int, cuts: list[tuple[int, int]]
) -> None:
    ranges = [sorted((first % (len(data) + 1), last % (len(data) + 1))) for first, last in cuts]
    begins, ends = (np.array(each, np.int64) for each in zip(*ranges, strict=True))
    prefixes = PrefixCrcs(np.concatenate((begins, ends)))
    for start in range(0, len(data), blocks):
        prefixes.add(data[start : start + blocks])
    expected = [extend(seed, data[first:last]) for first, last in ranges]
    assert range_crcs(prefixes, begins, ends, seed).tolist() == expected
