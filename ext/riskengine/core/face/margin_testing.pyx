"""For tests only: an account that nobody judges, and what the margin model says of it.

Values go through the same functions as in the engine; markets are told by their order of adding.
"""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

cimport riskengine.core.margin.assess as assess
cimport riskengine.core.margin.quotes as quotes
cimport riskengine.core.margin.release as release
cimport riskengine.core.margin.weigh as weigh
cimport riskengine.core.margin.what_if as what_if
from riskengine.core.base.fixedpoint cimport magnitude
from riskengine.core.books.booking cimport book
from riskengine.core.books.books cimport TRADER, Asset, find_leg
from riskengine.core.books.desk cimport Desk, add_account, add_balance, desk_init
from riskengine.core.books.market cimport Market
from riskengine.core.commands.markets cimport complete_market
from riskengine.core.face.parse cimport parse_market
from riskengine.core.margin.model cimport Change, Risk, Weight


cdef class MarginBench:
    """One account, in markets of an asset whose exponent is 0."""

    cdef Desk desk

    def __init__(self, int64_t balance_atoms):
        """Begin with account 0 in asset 0; there are no markets yet."""
        cdef Asset asset
        desk_init(self.desk)
        memset(&asset, 0, sizeof(asset))
        self.desk.books.assets.push_back(asset)
        add_account(self.desk, 1, 0, TRADER)
        add_balance(self.desk, 0, balance_atoms)

    def add_market(self, object parameters, int64_t mark_price_ticks):
        """Add a market by MarketParameters that nobody has guarded, with a mark."""
        cdef Market market
        memset(&market, 0, sizeof(market))
        parse_market(parameters, &market.rules)
        complete_market(self.desk.books, &market.rules)
        self.desk.books.markets.push_back(market)
        self.desk.books.directory.market_legs.resize(self.desk.books.markets.size())
        self.mark(<int32_t>self.desk.books.markets.size() - 1, mark_price_ticks)

    def mark(self, int32_t market, int64_t price_ticks):
        """Set a mark, and judge nobody."""
        cdef Market* marked = &self.desk.books.markets[market]
        marked.now.mark_price_ticks = price_ticks
        marked.now.unit_value_atoms = price_ticks * marked.rules.multiplier_atoms

    def pay(self, int64_t atoms):
        add_balance(self.desk, 0, atoms)

    def trade(self, int32_t market, int64_t bought_lots, int64_t paid_atoms):
        book(self.desk, 0, market, bought_lots, paid_atoms)

    @property
    def balance_atoms(self):
        return self.desk.books.accounts[0].balance_atoms

    def assess(self):
        """Return equity, maintenance and initial margin."""
        cdef Risk risk = assess.assess(self.desk.books, 0)
        return (
            risk.equity_atoms,
            risk.maintenance_atoms,
            assess.initial_margin(self.desk.books, 0),
        )

    cdef tuple after(self, const Change* change):
        """Return what `assess` would after the change."""
        cdef Risk risk = what_if.what_if(
            self.desk.books, 0, assess.assess(self.desk.books, 0), change
        )
        return (
            risk.equity_atoms,
            risk.maintenance_atoms,
            what_if.initial_if(
                self.desk.books, 0, assess.initial_margin(self.desk.books, 0), change
            ),
        )

    def if_paid(self, int64_t atoms):
        cdef Change change = what_if.balance_change(atoms)
        return self.after(&change)

    def if_traded(self, int32_t market, int64_t bought_lots, int64_t paid_atoms):
        """Return what `assess` would after a booking of signed lots for signed atoms."""
        cdef Change change = what_if.trade_change(
            self.desk.books, market, find_leg(self.desk.books, 0, market), bought_lots, paid_atoms
        )
        return self.after(&change)

    def if_filled(self, int32_t market, int64_t bought_lots, int64_t price_ticks):
        """Return what `assess` would after an order is filled, as CheckOrder sees it."""
        cdef Change change = what_if.order_change(
            self.desk.books, market, find_leg(self.desk.books, 0, market), bought_lots, price_ticks
        )
        return self.after(&change)

    def if_marked(self, int32_t market, int64_t price_ticks):
        """Return what `assess` would at that mark; the account has a leg in the market."""
        cdef Change change = what_if.price_change(
            self.desk.books, self.leg(market), price_ticks
        )
        return self.after(&change)

    cdef int32_t leg(self, int32_t market) except -1:
        """Return the account's leg in the market; AssertionError when it is flat."""
        cdef int32_t leg = find_leg(self.desk.books, 0, market)
        assert leg >= 0
        return leg

    def weigh(self, int32_t market, int64_t share_ppm):
        """Return what a rise and what a fall of the price by the whole of it takes off, at most."""
        cdef int64_t unit_value = self.desk.books.markets[market].now.unit_value_atoms
        cdef Weight weight = weigh.weigh(
            self.desk.books, self.leg(market), unit_value, share_ppm
        )
        return weight.on_rise_atoms, weight.on_fall_atoms

    def release(self, int32_t market, int64_t close_lots):
        """Return the maintenance in atoms that closing so many lots of the leg gives back."""
        cdef int32_t leg = self.leg(market)
        assert 0 <= close_lots <= magnitude(self.desk.books.legs[leg].size_lots)
        return release.release(self.desk.books, leg, close_lots)

    def withdrawable(self):
        return what_if.withdrawable(self.desk.books, 0, assess.assess(self.desk.books, 0))

    def bankruptcy_quote_ceil(self, int32_t market, int64_t close_lots):
        return quotes.bankruptcy_quote_ceil(
            self.desk.books, self.leg(market), close_lots, assess.assess(self.desk.books, 0)
        )

    def liquidation_price(self, int32_t market):
        return quotes.liquidation_price(
            self.desk.books, self.leg(market), assess.assess(self.desk.books, 0)
        )
