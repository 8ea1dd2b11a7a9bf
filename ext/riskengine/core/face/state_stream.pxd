"""Accounts, positions and open liquidation orders, as serialised messages of columns."""

from riskengine.core.commands.state cimport State


cdef object begin_state_stream(State& state, int fd, object market_ids, object account_ids)
