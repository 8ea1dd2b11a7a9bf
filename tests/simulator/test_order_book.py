"""The order book: priority, limits, and that no lot is made or lost."""

from hypothesis import given
from hypothesis import strategies as st

from riskengine.simulator.order_book import BookFill, OrderBook


def book_of_bids(*bids: tuple[int, int, int]) -> OrderBook:
    book = OrderBook()
    for account_id, price_ticks, size_lots in bids:
        book.add(account_id, is_buy=True, price_ticks=price_ticks, size_lots=size_lots)
    return book


def test_best_price_first_then_the_older_order() -> None:
    book = book_of_bids((1, 99, 5), (2, 100, 5), (3, 100, 5))
    assert book.take(9, is_buy=False, limit_ticks=1, size_lots=12) == [
        BookFill(2, False, 100, 5),
        BookFill(3, False, 100, 5),
        BookFill(1, False, 99, 2),
    ]
    assert book.depth_lots(buys=True) == 3


def test_a_limit_is_not_passed_and_the_rest_does_not_rest() -> None:
    book = book_of_bids((1, 100, 5), (1, 98, 5))
    fills = book.take(9, is_buy=False, limit_ticks=99, size_lots=8)
    assert fills == [BookFill(1, False, 100, 5)]
    assert (book.depth_lots(buys=True), book.depth_lots(buys=False)) == (5, 0)


def test_own_orders_are_passed_over() -> None:
    book = book_of_bids((1, 100, 5), (2, 99, 5))
    assert book.take(1, is_buy=False, limit_ticks=1, size_lots=3) == [BookFill(2, False, 99, 3)]


def test_orders_of_an_account_are_cancelled_on_both_sides() -> None:
    book = book_of_bids((1, 100, 5), (2, 99, 5), (1, 98, 5))
    book.add(1, is_buy=False, price_ticks=110, size_lots=4)
    book.add(3, is_buy=False, price_ticks=111, size_lots=4, is_quote=True)
    assert book.cancel_account(1) == 3
    book.cancel_quotes()
    assert (book.depth_lots(buys=True), book.depth_lots(buys=False)) == (5, 0)
    assert (book.best_ticks(buys=True), book.best_ticks(buys=False)) == (99, 0)


ORDERS = st.tuples(st.integers(1, 4), st.booleans(), st.integers(1, 20), st.integers(1, 50))


@given(st.lists(st.tuples(st.booleans(), ORDERS), max_size=60))
def test_no_lot_is_made_or_lost(actions: list[tuple[bool, tuple[int, bool, int, int]]]) -> None:
    book, added, taken = OrderBook(), {True: 0, False: 0}, {True: 0, False: 0}
    for rests, (account_id, is_buy, price_ticks, size_lots) in actions:
        if rests:
            offset = price_ticks if is_buy else price_ticks + 20  # never crosses
            book.add(account_id, is_buy=is_buy, price_ticks=offset, size_lots=size_lots)
            added[is_buy] += size_lots
        else:
            limit = price_ticks + 20 if is_buy else price_ticks
            fills = book.take(account_id, is_buy=is_buy, limit_ticks=limit, size_lots=size_lots)
            got = sum(fill.size_lots for fill in fills)
            assert got <= size_lots
            assert all(
                fill.price_ticks <= limit if is_buy else fill.price_ticks >= limit for fill in fills
            )
            taken[not is_buy] += got
        for buys in (True, False):
            assert book.depth_lots(buys=buys) == added[buys] - taken[buys]
            orders = book.side(buys=buys)
            prices = [order.price_ticks for order in orders]
            assert prices == sorted(prices, reverse=buys)
            assert all(order.size_lots > 0 for order in orders)
