"""A margin model: the values that its four verbs take and give.

*assess* says what an account is worth and what is required of it, *what_if* the same with one
change, *weigh* how steeply that goes with the price of a leg, *release* how much requirement
closing a leg gives back. Who calls them knows neither tiers nor rates.
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
