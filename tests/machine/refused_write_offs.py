"""Write-offs that a venue refuses, with what a caller reads."""

from tests.machine.refused_commands import Case, indebted_venue, out_of_range

WRITE_OFFS = [
    Case("write_off", {"account_id": 7}, "account_id 7 is not bankrupt, so it has no debt"),
    Case("write_off", {"amount_atoms": 2}, out_of_range("amount_atoms", 2, 1), indebted_venue),
    Case(
        "write_off",
        {"payer": 9},
        "payer is 9, which this contract does not know",
        indebted_venue,
    ),
    Case("write_off", {"fund_id": 1}, out_of_range("fund_id", 1, 0), indebted_venue),
    Case(
        "write_off",
        {"payer": 1, "fund_id": 7},
        "fund_id 7 is no insurance fund",
        indebted_venue,
    ),
    Case(
        "write_off",
        {"payer": 1, "fund_id": 1},
        "amount_atoms is 1; who is to pay (payer 1) can pay 0",
        indebted_venue,
    ),
]
