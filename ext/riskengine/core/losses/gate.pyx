"""The gate of an asset: while a loss has found nobody to bear it, gains wait (MG-10, MG-11).

A judgement leaves nobody below zero who is not LIQUIDATING, BANKRUPT or a fund: below zero is
below maintenance. So the loss is summed over those three lists, each of which the books have, and
not over all accounts. Only while a venue is loaded, and nobody is judged, is it summed over all.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t

from riskengine.core.base.fixedpoint cimport PPM, div_floor
from riskengine.core.books.books cimport is_loading, is_open
from riskengine.core.margin.assess cimport assess

cdef int128_t loss_of(Books& books, int32_t account, int32_t asset) noexcept nogil:
    """Return max(0, -equity) in atoms of an account of the asset, 0 of one of another."""
    cdef int128_t equity
    if books.accounts[account].asset != asset:
        return 0
    equity = assess(books, account).equity_atoms
    if equity >= 0:
        return 0
    return -equity


cdef int128_t summed_loss(Books& books, int32_t asset) noexcept nogil:
    """Return the unallocated loss in atoms from all accounts (MG-10)."""
    cdef int128_t total = 0
    cdef size_t i
    for i in range(books.accounts.size()):
        if is_open(books, <int32_t>i):
            total += loss_of(books, <int32_t>i, asset)
    return total


cdef int128_t unallocated_loss(Books& books, int32_t asset) noexcept nogil:
    """Return the unallocated loss in atoms: sum max(0, -equity) of accounts and funds (MG-10)."""
    cdef int128_t total = 0
    cdef int32_t account
    cdef size_t i
    if is_loading(books):
        return summed_loss(books, asset)
    for i in range(books.attempts.size()):
        account = books.attempts[i].account
        if account >= 0:
            total += loss_of(books, account, asset)
    for i in range(books.debtors.size()):
        total += loss_of(books, books.debtors[i].account, asset)
    for i in range(books.fund_accounts.size()):
        total += loss_of(books, books.fund_accounts[i], asset)
    return total


cdef int128_t gate_level(Books& books, int32_t asset) noexcept nogil:
    """Return the loss in atoms above which the gate is closed (MG-11).

    max(gate_floor in atoms, floor(net deposits * gate / 10^6))
    """
    cdef int128_t floor_atoms = books.parameters.gate_floor_units
    cdef int128_t part_atoms = div_floor(
        books.assets[asset].net_deposits_atoms * books.parameters.gate_ppm, PPM
    )
    cdef int64_t exponent = books.assets[asset].exponent
    while exponent < 0:
        floor_atoms *= 10
        exponent += 1
    return floor_atoms if floor_atoms > part_atoms else part_atoms


cdef int128_t found_loss(Books& books, Gates& gates, int32_t asset) noexcept nogil:
    """Return the unallocated loss in atoms, looking at the books once for each asset."""
    if gates.is_found.size() < books.assets.size():
        gates.is_found.resize(books.assets.size(), <int8_t>0)
        gates.loss_atoms.resize(books.assets.size())
    if not gates.is_found[asset]:
        gates.is_found[asset] = 1
        gates.loss_atoms[asset] = unallocated_loss(books, asset)
    return gates.loss_atoms[asset]


cdef bint is_gate_closed(Books& books, Gates& gates, int32_t asset) noexcept nogil:
    """Return whether the unallocated loss is above the level of the gate (MG-11).

    What is paid out meanwhile lowers the level, and leaves nobody below zero.
    """
    return found_loss(books, gates, asset) > gate_level(books, asset)
