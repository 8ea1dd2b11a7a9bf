"""A small venue on a bench, with a liquidation order that is half filled and one that is not."""

from tests.service import requests
from tests.service.bench import Bench

TRADERS = (1, 2, 3, 4)


async def open_venue(bench: Bench) -> None:
    """Have 1 and 2 liquidated: order 1 of 1 is open, order 2 of 2 is filled in part."""
    for request in (
        requests.create_asset(),
        requests.create_fund(),
        requests.set_market(),
        requests.mark(requests.PRICE_TICKS),
        *(requests.deposit(account_id, 130_000) for account_id in (1, 2)),
        *(requests.deposit(account_id, 10**9) for account_id in (3, 4)),
        requests.trades((1, 3, 10_000, 100), (2, 3, 10_000, 100)),
        requests.mark(9_100),
        requests.trades((4, 2, 9_100, 10), liquidation_id=2),
    ):
        result = await bench.execute(request)
        assert result.sequence
        assert not result.rejections
    assert bench.engine.open_liquidation_count == 2
