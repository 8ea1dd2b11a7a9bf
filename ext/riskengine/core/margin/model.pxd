"""A margin model: the values that its four verbs take and give, and all that it promises.

*assess* says what an account is worth and what is required of it, *what_if* the same with one
change, *weigh* how steeply that goes with the price of a leg, *release* how much requirement
closing a leg gives back. Who calls them knows neither tiers nor rates. What they rest on, and
what the tests marked `any_model` ask of any model:

- *Own.* An account's numbers are made of its balance, its legs, and the rules and marks of their
  markets, and of nothing else: what changes one of these has the account looked at.
- *Value.* Equity is the balance and the values of the legs, whatever is required (MG-4).
- *Sum.* Requirements of legs are summed, so what one gives back does not change as others close,
  and the releases of all legs, whole, are the maintenance.
- *Least.* Every leg requires at least an atom of maintenance: quotes divide by the sum (WF-10). Who
  has no legs requires nothing.
- *Order.* Initial margin is at least maintenance: what QS-5 lets in is not liquidated by it.
- *Change.* what_if gives what assess gives once the change is made, to the atom.
- *Release.* It never falls as the close rises, and is 0 for no lots: least closes are bisected.
- *Reach*, *relief* and *rounding* of weigh, at any price that it is asked at (margin/weigh). The
  index and liquidation_price rest on them. Where only one side harms the latter bisects, as f goes
  one way there; else it steps by reach, at most MOST_STEPS times.
- *Size.* A leg requires less than 2^56 atoms, so that 128 of them fit; it weighs less than 2^59,
  and less than 2^58 where it has a side of relief.
"""

from libc.stdint cimport int32_t, int64_t


cdef struct Risk:
    int64_t equity_atoms
    int64_t maintenance_atoms


cdef struct Change:
    int64_t balance_change_atoms
    int64_t bought_lots  # signed, of the market
    int64_t paid_atoms  # for them, signed
    int64_t unit_value_atoms  # of one lot of the market, after the change
    int32_t market  # -1 when only the balance changes
    int32_t leg  # that the account has in the market; -1 when it is flat


cdef struct Weight:
    int64_t on_rise_atoms
    int64_t on_fall_atoms


cdef inline bint is_harmed_by_rise(Weight weight) noexcept nogil:
    """Return whether a rise of the price is the side of harm, not a fall."""
    return weight.on_rise_atoms > weight.on_fall_atoms


cdef inline bint is_harmed_by_both(Weight weight) noexcept nogil:
    """Return whether the requirement outgrows the value: there is no side of relief."""
    return weight.on_rise_atoms > 0 and weight.on_fall_atoms > 0
