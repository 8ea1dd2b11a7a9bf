"""Reservations and adjustments that a venue refuses, with what a caller reads."""

from tests.machine.refused_commands import (
    MOST_BALANCE,
    Case,
    loading_venue,
    out_of_range,
    reserving_venue,
)

UNKNOWN = (
    "reservation_id 3 is no open reservation of this account: none was made, or it was confirmed "
    "or cancelled"
)
RESERVATIONS = [
    Case(
        "reserve_withdrawal",
        {"amount_atoms": 501},
        "amount_atoms is 501; 500 can be withdrawn now",
    ),
    Case("reserve_withdrawal", {"reservation_id": 0}, out_of_range("reservation_id", 0, 1)),
    Case(
        "reserve_withdrawal",
        {"reservation_id": 2},
        "account 4 has an open reservation of reservation_id 2 already",
        reserving_venue,
    ),
    Case(
        "reserve_withdrawal",
        {"reservation_id": 3},
        "there is no room for another reservation_id; the most are 2",
        reserving_venue,
    ),
    *(
        Case(name, {"reservation_id": 3}, UNKNOWN, reserving_venue)
        for name in ("confirm_withdrawal", "cancel_withdrawal")
    ),
    Case(
        "close_account",
        {},
        "account_id names an account with open reservations: 2; it can be closed at 0",
        reserving_venue,
    ),
    Case("adjust_balances", {"amount_atoms": 0}, out_of_range("amount_atoms", 0, 1)),
    Case(
        "adjust_balances",
        {"reason": 6},
        "reason is 6, which this contract does not know",
    ),
    Case(
        "adjust_balances",
        {"reason": 4},
        "payer is 3; an adjustment for reason 4 is paid by 2 (1 a fund, 2 the fees)",
    ),
    Case(
        "adjust_balances",
        {"payer": 2},
        "amount_atoms is 1; who is to pay (payer 2) can pay 0",
    ),
    Case(
        "adjust_balances",
        {"amount_atoms": -501},
        "amount_atoms is -501; 500 can be withdrawn now",
    ),
    *(
        Case(
            "load_reservations",
            {"amount_atoms": amount},
            out_of_range("amount_atoms", amount, limit),
            loading_venue,
        )
        for amount, limit in ((0, 1), (MOST_BALANCE + 1, MOST_BALANCE))
    ),
]
