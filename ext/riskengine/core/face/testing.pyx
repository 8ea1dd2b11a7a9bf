"""For tests only: the core's arithmetic and store by plain Python values. Nothing else imports it.

Values go through the same inline functions as in the engine; a value that does not fit its C type
raises OverflowError.
"""

from cpython.buffer cimport PyBUF_WRITE
from cpython.memoryview cimport PyMemoryView_FromMemory
from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memset

cimport riskengine.core.base.fixedpoint as fixedpoint
cimport riskengine.core.books.booking as booking
cimport riskengine.core.margin.quotes as quotes
cimport riskengine.core.margin.requirement as requirement
cimport riskengine.core.margin.tiers as tiers
from riskengine.core.base.expect cimport EXPECTS
from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.base.id_map cimport IdMap, id_hash, id_map_get, id_map_put, id_map_remove
from riskengine.core.books.booking cimport Booked
from riskengine.core.books.books cimport (
    Account,
    Asset,
    Attempt,
    Books,
    EndedOrder,
    FundWindow,
    Debtor,
    Leg,
    LiquidationOrder,
    MarketPayouts,
    Reservation,
    Timer,
)
from riskengine.core.books.market cimport Market
from riskengine.core.commands.markets cimport complete_market
from riskengine.core.face.parse cimport parse_market
from riskengine.core.face.questions cimport ReadOnlyEngine


EXPECTING = bool(EXPECTS)


def div_floor(int128_t numerator, int128_t divisor):
    return fixedpoint.div_floor(numerator, divisor)


def div_ceil(int128_t numerator, int128_t divisor):
    return fixedpoint.div_ceil(numerator, divisor)


def from_ppm_floor(int128_t amount_ppm):
    return fixedpoint.from_ppm_floor(amount_ppm)


def from_ppm_ceil(int128_t amount_ppm):
    return fixedpoint.from_ppm_ceil(amount_ppm)


def mul_div_floor(int64_t a, int64_t b, int64_t divisor):
    return fixedpoint.mul_div_floor(a, b, divisor)


def mul_div_ceil(int64_t a, int64_t b, int64_t divisor):
    return fixedpoint.mul_div_ceil(a, b, divisor)


def round_down_to(int64_t value, int64_t step):
    return fixedpoint.round_down_to(value, step)


def round_up_to(int64_t value, int64_t step):
    return fixedpoint.round_up_to(value, step)


def book_position(int64_t size_lots, int64_t cost_atoms, int64_t bought_lots, int64_t paid_atoms):
    """Return size, cost and change of the balance after the booking."""
    cdef Booked booked = booking.book_position(size_lots, cost_atoms, bought_lots, paid_atoms)
    return booked.size_lots, booked.cost_atoms, booked.balance_change_atoms


cdef class MarketRules:
    """A market apart from any engine, whose asset has exponent 0."""

    cdef Market market

    def __init__(self, object parameters, int64_t mark_price_ticks):
        """Fill a market from MarketParameters that nobody has guarded."""
        cdef Books books
        cdef Asset asset
        memset(&asset, 0, sizeof(asset))
        books.assets.push_back(asset)
        parse_market(parameters, &self.market.rules)
        complete_market(books, &self.market.rules)
        self.market.now.mark_price_ticks = mark_price_ticks
        self.market.now.unit_value_atoms = mark_price_ticks * self.market.rules.multiplier_atoms

    def tier_of(self, int64_t notional_atoms):
        return tiers.tier_of(&self.market, notional_atoms)

    def maintenance_ceil(self, int64_t notional_atoms):
        return tiers.maintenance_ceil(&self.market, notional_atoms)

    def initial_ceil(self, int64_t notional_atoms):
        return tiers.initial_ceil(&self.market, notional_atoms)

    def leg_maintenance_ceil(self, int64_t lots, int64_t price_ticks):
        """Return what the margin model requires of so many lots at that mark."""
        return requirement.leg_maintenance_ceil(
            &self.market, lots, price_ticks * self.market.rules.multiplier_atoms
        )

    def limit_price(self, int64_t size_lots, int64_t close_lots, int64_t quote_atoms):
        return quotes.limit_price(&self.market, size_lots, close_lots, quote_atoms)


def shard_and_slot(int64_t key, int64_t slots):
    """Return where an id belongs: its shard, and its slot of so many (a power of two)."""
    return id_hash(key) >> 56, (id_hash(key) >> 24) & <uint64_t>(slots - 1)


cdef int64_t slots_of(IdMap& id_map):
    """Return how many slots all shards have, taken or empty."""
    cdef size_t i
    cdef int64_t slots = 0
    for i in range(id_map.shards.size()):
        slots += id_map.shards[i].entries.size()
    return slots


cdef class IdTable:
    """The core's map of ids apart from any engine."""

    cdef IdMap id_map

    def put(self, int64_t key, int32_t value):
        id_map_put(self.id_map, key, value)

    def get(self, int64_t key):
        return id_map_get(self.id_map, key)

    def remove(self, int64_t key):
        id_map_remove(self.id_map, key)

    @property
    def slots(self):
        return slots_of(self.id_map)


def store_sizes(ReadOnlyEngine engine):
    """Return how many slots there are for accounts, in use or free, and for their ids."""
    return (
        engine.state.desk.books.accounts.size(),
        slots_of(engine.state.desk.books.directory.account_index),
    )


cdef object memory(void* start, size_t size):
    """Return the bytes from there on, to be written too; they are nobody's when the engine ends."""
    return PyMemoryView_FromMemory(<char*>start, <Py_ssize_t>size, PyBUF_WRITE)


cdef object memory_of_books(Books& books):
    """Return the bytes of what stands once in the books: numbers, parameters and retention."""
    cdef char* start = <char*>&books.sequence
    return memory(start, <size_t>(<char*>(&books.retention + 1) - start))


def memory_of(ReadOnlyEngine engine, str name):
    """Return the bytes of each element of a field of Books, as it stands in the engine.

    They may be written, but no longer be read after a command or the engine's end. The one element
    of "books" is what comes before the arrays.
    """
    cdef size_t i
    cdef Books* books = &engine.state.desk.books
    if name == "books":
        return [memory_of_books(books[0])]
    if name == "assets":
        return [memory(&books.assets[i], sizeof(Asset)) for i in range(books.assets.size())]
    if name == "markets":
        return [memory(&books.markets[i], sizeof(Market)) for i in range(books.markets.size())]
    if name == "accounts":
        return [memory(&books.accounts[i], sizeof(Account)) for i in range(books.accounts.size())]
    if name == "legs":
        return [memory(&books.legs[i], sizeof(Leg)) for i in range(books.legs.size())]
    if name == "attempts":
        return [memory(&books.attempts[i], sizeof(Attempt)) for i in range(books.attempts.size())]
    if name == "orders":
        return [
            memory(&books.orders[i], sizeof(LiquidationOrder)) for i in range(books.orders.size())
        ]
    if name == "timers":
        return [memory(&books.timers[i], sizeof(Timer)) for i in range(books.timers.size())]
    if name == "ended_orders":
        return [
            memory(&books.ended_orders[i], sizeof(EndedOrder))
            for i in range(books.ended_orders.size())
        ]
    if name == "fund_windows":
        return [
            memory(&books.fund_windows[i], sizeof(FundWindow))
            for i in range(books.fund_windows.size())
        ]
    if name == "market_payouts":
        return [
            memory(&books.market_payouts[i], sizeof(MarketPayouts))
            for i in range(books.market_payouts.size())
        ]
    if name == "fund_accounts":
        return [
            memory(&books.fund_accounts[i], sizeof(int32_t))
            for i in range(books.fund_accounts.size())
        ]
    if name == "debtors":
        return [memory(&books.debtors[i], sizeof(Debtor)) for i in range(books.debtors.size())]
    if name == "reservations":
        return [
            memory(&books.reservations[i], sizeof(Reservation))
            for i in range(books.reservations.size())
        ]
    raise KeyError(name)
