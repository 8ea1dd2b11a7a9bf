"""Refusals of the operators' commands: each guard, and the order of the guards."""

import pytest

from riskengine.core.engine import Engine, bounds
from riskengine.core.enums import LossPolicy, RejectReason
from riskengine.core.types import MarketParameters, Rejection, RiskParameters, RiskTier
from tests.core.driver import FUND_ACCOUNT, MARKET, Driver, call
from tests.core.ladder import Rung, Step, steps

MAX_ID = 2**62 - 1
OUT_OF_RANGE = RejectReason.OUT_OF_RANGE
IMMUTABLE = RejectReason.IMMUTABLE
NO_POLICY = max(LossPolicy) + 1

ASSET = {"asset_id": 7, "symbol": "USD", "exponent": -6}
ASSET_RUNGS = [
    Rung({"asset_id": 0}, OUT_OF_RANGE, "asset_id", 0, 1),
    Rung({"asset_id": -(2**63)}, OUT_OF_RANGE, "asset_id", -(2**63), 1),
    Rung({"asset_id": MAX_ID + 1}, OUT_OF_RANGE, "asset_id", MAX_ID + 1, MAX_ID),
    Rung({"symbol": ""}, RejectReason.INVALID_TEXT, "symbol", 0, detail=23),
    Rung({"exponent": -19}, OUT_OF_RANGE, "exponent", -19, -18),
    Rung({"exponent": 1}, OUT_OF_RANGE, "exponent", 1, 0),
]
SECOND_ASSET_RUNGS = [
    *ASSET_RUNGS[:3],
    Rung({"asset_id": 1}, RejectReason.ALREADY_EXISTS, "asset_id", 1),
    *ASSET_RUNGS[3:],
]
SEVENTEENTH_ASSET_RUNGS = [
    *ASSET_RUNGS[:3],
    Rung({"asset_id": 116}, RejectReason.ALREADY_EXISTS, "asset_id", 116),
    Rung({"asset_id": 7}, RejectReason.CAPACITY, "asset_id", 7, 16),
]


class EmptyDriver(Driver):
    """Nothing has been set up."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = type(self.engine)()


@pytest.mark.rule("GD-1")
@pytest.mark.parametrize("step", steps(ASSET, ASSET_RUNGS))
def test_create_asset(step: Step) -> None:
    assert EmptyDriver().refuse("create_asset", *step.arguments.values()) == step.refusal


@pytest.mark.rule("GD-1")
@pytest.mark.parametrize("step", steps(ASSET, SECOND_ASSET_RUNGS))
def test_create_second_asset(step: Step) -> None:
    assert Driver().refuse("create_asset", *step.arguments.values()) == step.refusal


@pytest.mark.rule("GD-1", "BD-10")
@pytest.mark.parametrize(
    "step", steps(ASSET | {"symbol": "", "exponent": 9}, SEVENTEENTH_ASSET_RUNGS)
)
def test_create_seventeenth_asset(step: Step) -> None:
    driver = Driver()
    for asset_id in range(116, 101, -1):
        driver.do("create_asset", asset_id, "USD", 100 - asset_id)
    assert driver.refuse("create_asset", *step.arguments.values()) == step.refusal
    assert [view.asset_id for view in driver.engine.assets()] == [1, *range(116, 101, -1)]


@pytest.mark.rule("GD-1", "BD-1")
@pytest.mark.parametrize("exponent", [-18, 0])
@pytest.mark.parametrize("asset_id", [1, MAX_ID])
def test_asset_at_its_bounds(asset_id: int, exponent: int) -> None:
    driver = EmptyDriver()
    driver.do("create_asset", asset_id, "USD", exponent)
    assert driver.engine.assets() == [(asset_id, "USD", exponent)]


@pytest.mark.rule("GD-2")
@pytest.mark.parametrize(
    ("symbol", "is_valid"),
    [
        ("A", True),
        ("x" * 23, True),
        ("BTC-USD perpetual ~!", True),
        ("", False),
        ("x" * 24, False),
        ("tab\t", False),
        ("line\n", False),
        ("del\x7f", False),
        ("caf\u00e9", False),
        ("\u20bf", False),
        ("nul\0", False),
    ],
)
def test_text_is_1_to_23_printable_ascii_characters(symbol: str, is_valid: bool) -> None:
    driver = EmptyDriver()
    if is_valid:
        driver.do("create_asset", 1, symbol, 0)
        assert driver.engine.assets()[0].symbol == symbol
    else:
        refusal = driver.refuse("create_asset", 1, symbol, 0)
        assert refusal == Rejection(0, RejectReason.INVALID_TEXT, "symbol", 0, 0, 23)


FUND = {"fund_id": 9, "asset_id": 1}
FUND_RUNGS = [
    Rung({"fund_id": 0}, OUT_OF_RANGE, "fund_id", 0, 1),
    Rung({"fund_id": 10**6 + 1}, OUT_OF_RANGE, "fund_id", 10**6 + 1, 10**6),
    Rung({"fund_id": 1}, RejectReason.ALREADY_EXISTS, "fund_id", 1),
    Rung({"asset_id": 2}, RejectReason.UNKNOWN_ASSET, "asset_id", 2),
]


@pytest.mark.rule("GD-3")
@pytest.mark.parametrize("step", steps(FUND, FUND_RUNGS))
def test_create_fund(step: Step) -> None:
    assert Driver().refuse("create_fund", *step.arguments.values()) == step.refusal


@pytest.mark.rule("GD-3")
def test_create_fund_without_an_asset() -> None:
    refusal = EmptyDriver().refuse("create_fund", 1, 1)
    assert refusal == Rejection(0, RejectReason.UNKNOWN_ASSET, "asset_id", 1, 0)


@pytest.mark.rule("BD-2")
@pytest.mark.parametrize("fund_id", [2, 10**6])
def test_the_account_of_a_fund_lies_beyond_those_of_traders(fund_id: int) -> None:
    driver = Driver()
    driver.do("create_fund", fund_id, 1)
    driver.deposit(MAX_ID, 1)
    assert driver.fund(fund_id).account_id == FUND_ACCOUNT + fund_id
    fund = driver.account(FUND_ACCOUNT + fund_id)
    assert (fund.is_fund, fund.balance_atoms) == (True, 0)
    # A trader's account it is not: neither listed nor counted.
    assert [view.account_id for view in driver.engine.accounts(0, 9, 0)] == [MAX_ID]
    assert driver.engine.account_count == 1


@pytest.mark.rule("GD-3", "BD-10")
def test_capacity_of_funds() -> None:
    driver = Driver()
    most = bounds()["max_funds"]
    for fund_id in range(2, most + 1):
        call(driver.engine, "create_fund", 0, fund_id, 1)
    assert len(driver.engine.funds()) == most
    # After ALREADY_EXISTS, before UNKNOWN_ASSET.
    assert driver.refuse("create_fund", 1, 2).reason == RejectReason.ALREADY_EXISTS
    refusal = driver.refuse("create_fund", 10**6, 2)
    assert refusal == Rejection(0, RejectReason.CAPACITY, "fund_id", 10**6, most)


# The asset has exponent -6: tick -2 and lot -3 make 10 atoms a tick on a lot.
VALID = MARKET._replace(tick_exponent=-2, lot_exponent=-3)._asdict()
MOST_LOTS = 2**54 // 10 // 10**6
MARKET_RUNGS = [
    Rung({"market_id": 0}, OUT_OF_RANGE, "market_id", 0, 1),
    Rung({"market_id": MAX_ID + 1}, OUT_OF_RANGE, "market_id", MAX_ID + 1, MAX_ID),
    Rung({"symbol": "x" * 24}, RejectReason.INVALID_TEXT, "symbol", 0, detail=23),
    Rung({"asset_id": 2}, RejectReason.UNKNOWN_ASSET, "asset_id", 2),
    Rung({"fund_id": 2}, RejectReason.UNKNOWN_FUND, "fund_id", 2),
    Rung({"fund_id": 0}, RejectReason.UNKNOWN_FUND, "fund_id", 0),
    Rung({"asset_id": 1, "fund_id": 3}, RejectReason.UNKNOWN_FUND, "fund_id", 3),
    Rung({"asset_id": 3, "fund_id": 1}, RejectReason.UNKNOWN_FUND, "fund_id", 1),
    Rung({"asset_id": 4, "fund_id": 5}, RejectReason.FUND_SCOPE, "fund_id", 5, 4),
    Rung({"lot_exponent": -5}, OUT_OF_RANGE, "lot_exponent", -5, -4),
    Rung({"lot_exponent": 12}, OUT_OF_RANGE, "lot_exponent", 12, 11),
    Rung({"price_step_ticks": 0}, OUT_OF_RANGE, "price_step_ticks", 0, 1),
    Rung({"price_step_ticks": 2**30 + 1}, OUT_OF_RANGE, "price_step_ticks", 2**30 + 1, 2**30),
    Rung({"size_step_lots": 0}, OUT_OF_RANGE, "size_step_lots", 0, 1),
    Rung({"size_step_lots": 2**30 + 1}, OUT_OF_RANGE, "size_step_lots", 2**30 + 1, 2**30),
    Rung({"max_price_ticks": 0}, OUT_OF_RANGE, "max_price_ticks", 0, 1),
    Rung({"price_step_ticks": 10**6 + 1}, OUT_OF_RANGE, "price_step_ticks", 10**6 + 1, 10**6),
    Rung({"max_position_lots": 0}, OUT_OF_RANGE, "max_position_lots", 0, 1),
    Rung(
        {"max_position_lots": MOST_LOTS + 1},
        RejectReason.OVERFLOW,
        "max_position_lots",
        MOST_LOTS + 1,
        2**54,
    ),
    Rung({"tiers": ()}, RejectReason.INVALID_TIERS, "tiers", 0, detail=1),
    Rung({"liquidation_fee_ppm": -1}, OUT_OF_RANGE, "liquidation_fee_ppm", -1, 0),
    Rung({"liquidation_fee_ppm": 100_001}, OUT_OF_RANGE, "liquidation_fee_ppm", 100_001, 100_000),
    Rung({"liquidation_timeout_millis": 0}, OUT_OF_RANGE, "liquidation_timeout_millis", 0, 1),
    Rung(
        {"liquidation_timeout_millis": 3_600_001},
        OUT_OF_RANGE,
        "liquidation_timeout_millis",
        3_600_001,
        3_600_000,
    ),
    Rung({"liquidation_slice_lots": -1}, OUT_OF_RANGE, "liquidation_slice_lots", -1, 0),
    Rung({"liquidation_cooldown_millis": -1}, OUT_OF_RANGE, "liquidation_cooldown_millis", -1, 0),
    Rung(
        {"liquidation_cooldown_millis": 3_600_001},
        OUT_OF_RANGE,
        "liquidation_cooldown_millis",
        3_600_001,
        3_600_000,
    ),
    Rung({"dust_notional_atoms": -1}, OUT_OF_RANGE, "dust_notional_atoms", -1, 0),
    Rung({"dust_notional_atoms": 2**54 + 1}, OUT_OF_RANGE, "dust_notional_atoms", 2**54 + 1, 2**54),
    Rung({"loss_policy": 0}, RejectReason.UNKNOWN_ENUM, "loss_policy", 0),
    Rung({"loss_policy": NO_POLICY}, RejectReason.UNKNOWN_ENUM, "loss_policy", NO_POLICY),
    Rung({"reprices_trades": 2}, OUT_OF_RANGE, "reprices_trades", 2, 1),
    Rung({"order_band_ppm": 0}, OUT_OF_RANGE, "order_band_ppm", 0, 1),
    Rung({"order_band_ppm": 10**6 + 1}, OUT_OF_RANGE, "order_band_ppm", 10**6 + 1, 10**6),
    Rung({"discount_ppm": -1}, OUT_OF_RANGE, "discount_ppm", -1, 0),
    Rung({"discount_ppm": 25_000}, OUT_OF_RANGE, "discount_ppm", 25_000, 24_999),
    Rung({"book_attempts": -1}, OUT_OF_RANGE, "book_attempts", -1, 0),
    Rung({"book_attempts": 4}, OUT_OF_RANGE, "book_attempts", 4, 3),
    Rung({"fund_share_ppm": -1}, OUT_OF_RANGE, "fund_share_ppm", -1, 0),
    Rung({"fund_share_ppm": 10**6 + 1}, OUT_OF_RANGE, "fund_share_ppm", 10**6 + 1, 10**6),
    Rung({"inventory_ppm": -1}, OUT_OF_RANGE, "inventory_ppm", -1, 0),
    Rung({"inventory_ppm": 10**9 + 1}, OUT_OF_RANGE, "inventory_ppm", 10**9 + 1, 10**9),
]
FIXED_RUNGS = [
    *MARKET_RUNGS[2:4],
    *MARKET_RUNGS[-2:],
    Rung({"asset_id": 3, "fund_id": 3, "lot_exponent": 0}, IMMUTABLE, "asset_id", 3, 1),
    Rung({"tick_exponent": -1}, IMMUTABLE, "tick_exponent", -1, -2),
    Rung({"lot_exponent": -4}, IMMUTABLE, "lot_exponent", -4, -3),
    Rung({"max_price_ticks": 999_999}, IMMUTABLE, "max_price_ticks", 999_999, 10**6),
    Rung({"max_position_lots": 1}, IMMUTABLE, "max_position_lots", 1, 10**6),
]


@pytest.mark.rule("GD-4")
@pytest.mark.parametrize("step", steps(VALID, MARKET_RUNGS))
def test_set_market(step: Step) -> None:
    """Fund 3 is of asset 3, funds 4 and 5 of asset 4, which has a market of fund 4."""
    driver = Driver(asset_exponent=-6)
    for asset_id in (3, 4):
        driver.do("create_asset", asset_id, "EUR", -2)
    for fund_id, asset_id in ((3, 3), (4, 4), (5, 4)):
        driver.do("create_fund", fund_id, asset_id)
    driver.market(40, asset_id=4, fund_id=4)
    assert driver.refuse("set_market", MarketParameters(**step.arguments)) == step.refusal


@pytest.mark.rule("GD-6")
@pytest.mark.parametrize("step", steps(VALID, FIXED_RUNGS))
def test_change_market(step: Step) -> None:
    driver = Driver(asset_exponent=-6, funds=2)
    driver.do("create_asset", 3, "EUR", -2)
    driver.do("create_fund", 3, 3)
    driver.do("set_market", MarketParameters(**VALID))
    assert driver.refuse("set_market", MarketParameters(**step.arguments)) == step.refusal


@pytest.mark.rule("GD-4", "BD-3")
@pytest.mark.parametrize(
    "change",
    [
        {"max_position_lots": MOST_LOTS},
        {"lot_exponent": -4},
        {"lot_exponent": 11, "max_price_ticks": 1, "max_position_lots": 18},
        {"price_step_ticks": 10**6, "size_step_lots": 2**30},
        {"liquidation_fee_ppm": 24_999, "discount_ppm": 24_999},
        {"discount_ppm": 24_999, "liquidation_timeout_millis": 3_600_000},
        {"book_attempts": 0},
        {"book_attempts": 3},
        {"fund_share_ppm": 1},
        {"fund_share_ppm": 10**6},
        {"inventory_ppm": 1},
        {"inventory_ppm": 10**9},
        {"liquidation_timeout_millis": 1, "liquidation_cooldown_millis": 3_600_000},
        {"liquidation_slice_lots": 2**63 - 1, "dust_notional_atoms": 2**54},
        {"order_band_ppm": 1},
        {"order_band_ppm": 10**6},
        {"market_id": MAX_ID},
    ],
    ids=str,
)
def test_market_at_its_bounds(change: dict[str, int]) -> None:
    driver = Driver(asset_exponent=-6)
    parameters = MarketParameters(**VALID | change)
    driver.do("set_market", parameters)
    assert driver.engine.markets()[0].parameters == parameters


def tiers(*rows: tuple[int, int, int]) -> tuple[RiskTier, ...]:
    return tuple(RiskTier(*row) for row in rows)


@pytest.mark.rule("GD-5")
@pytest.mark.parametrize(
    ("table", "fault"),
    [
        pytest.param(tiers((0, 1, 1)), 0, id="the least rates"),
        pytest.param(tiers((0, 1_000_000, 1_000_000)), 0, id="the largest rates"),
        pytest.param(tiers(*((k, 9, 9) for k in range(16))), 0, id="16 tiers"),
        pytest.param(tiers((0, 9, 9), (2**54, 9, 9)), 0, id="floor at the bound of notional"),
        pytest.param(tiers((0, 20, 10), (1, 20, 10)), 0, id="equal rates"),
        pytest.param((), 1, id="none"),
        pytest.param(tiers(*((k, 9, 9) for k in range(17))), 17, id="17 tiers"),
        pytest.param(tiers((1, 9, 9)), 1, id="first floor is not 0"),
        pytest.param(tiers((-1, 9, 9)), 1, id="first floor is negative"),
        pytest.param(tiers((0, 9, 9), (2**54 + 1, 9, 9)), 2, id="floor above the bound"),
        pytest.param(tiers((0, 9, 9), (0, 9, 9)), 2, id="equal floors"),
        pytest.param(tiers((0, 9, 9), (5, 9, 9), (4, 9, 9)), 3, id="falling floors"),
        pytest.param(tiers((0, 9, 0)), 1, id="maintenance 0"),
        pytest.param(tiers((0, 8, 9)), 1, id="initial below maintenance"),
        pytest.param(tiers((0, 1_000_001, 9)), 1, id="initial above 100 %"),
        pytest.param(tiers((0, 20, 9), (1, 19, 9)), 2, id="falling initial"),
        pytest.param(tiers((0, 20, 9), (1, 20, 8)), 2, id="falling maintenance"),
    ],
)
def test_tiers(table: tuple[RiskTier, ...], fault: int) -> None:
    """`fault` is the number of the first tier that is at fault."""
    driver = Driver()
    parameters = MARKET._replace(tiers=table)
    if fault:
        refusal = driver.refuse("set_market", parameters)
        assert refusal == Rejection(0, RejectReason.INVALID_TIERS, "tiers", 0, 0, fault)
    else:
        driver.do("set_market", parameters)
        assert driver.engine.markets()[0].parameters.tiers == table


RISK = RiskParameters()._asdict()
LOWEST_LEVELS = (10**6 + 1, 0, 500_000, 10**6 + 2, *[0] * 12)
HIGHEST_LEVELS = (
    *(10**7 - 1, 10**6, 10**6, 10**7, 10**6, 10**12, 10**6),
    *(10**9, 10**9, 10**6, 10**6, 3_600_000, 86_400_000, 604_800_000, 10**9, 128),
)
RISK_RUNGS = [
    Rung({field: value}, OUT_OF_RANGE, field, value, limit)
    for field, lowest, highest in (
        ("margin_call_ppm", 10**6 + 1, 10**7 - 1),
        ("liquidation_buffer_ppm", 0, 10**6),
        ("take_over_ppm", 500_000, 10**6),
        ("margin_call_clear_ppm", 1_250_001, 10**7),
        ("withdrawal_margin_ppm", 0, 10**6),
        *(("gate_floor_units", 0, 10**12), ("gate_ppm", 0, 10**6)),
        ("fund_market_notional_ppm", 0, 10**9),
        ("fund_notional_ppm", 0, 10**9),
        ("fund_drawdown_ppm", 0, 10**6),
        ("fund_resume_ppm", 0, 10**6),
        *(("second_term_millis", 0, 3_600_000), ("late_fill_millis", 0, 86_400_000)),
        *(("spread_after_millis", 0, 604_800_000), ("work_units", 0, 10**9)),
        ("max_reservations", 0, 128),
    )
    for value, limit in ((lowest - 1, lowest), (highest + 1, highest))
]


@pytest.mark.rule("GD-7")
@pytest.mark.parametrize("step", steps(RISK, RISK_RUNGS))
def test_set_risk_parameters(step: Step) -> None:
    assert Driver().refuse("set_risk_parameters", RiskParameters(**step.arguments)) == step.refusal


@pytest.mark.rule("GD-7")
@pytest.mark.parametrize("levels", [LOWEST_LEVELS, HIGHEST_LEVELS])
def test_risk_parameters_at_their_bounds(levels: tuple[int, ...]) -> None:
    driver = Driver()
    driver.do("set_risk_parameters", RiskParameters(*levels))
    assert driver.engine.parameters == levels


RETENTION = Engine().retention._asdict()
RETENTION_RUNGS = [
    Rung({field: value}, OUT_OF_RANGE, field, value, limit)
    for field, least, most in (
        ("client_count", 1, 10**6),
        ("answer_count", 1, 268_435),
        ("answer_bytes", 64 * 1_024, 17_179_869),
        ("instruction_count", 1, 10**8),
        ("caller_client_count", 1, 1_000),
        ("client_idle_millis", 1, 31_622_400_000),
    )
    for value, limit in ((least - 1, least), (most + 1, most))
]


@pytest.mark.rule("GD-22")
@pytest.mark.parametrize("step", steps(RETENTION, RETENTION_RUNGS))
def test_set_retention(step: Step) -> None:
    assert Driver().refuse("set_retention", *step.arguments.values()) == step.refusal


@pytest.mark.rule("GD-22")
@pytest.mark.parametrize(
    "bounds",
    [
        (1, 1, 64, 1, 1, 1),
        (10**6, 268, 17_179, 10**8, 10**6, 31_622_400_000),
        (16, 10**6, 2**30, 10**8, 1, 1),
        (1_000, 268_435, 17_179_869, 1, 1_000, 1),
    ],
)
def test_retention_at_its_bounds(bounds: tuple[int, ...]) -> None:
    driver = Driver()
    assert driver.engine.retention == (1_000, 1_024, 4 << 20, 1_000_000, 250, 3_600_000)
    assert driver.do("set_retention", *bounds) == []
    assert driver.engine.retention == bounds
    assert driver.engine.dump()["retention"] == dict(zip(RETENTION, bounds, strict=True))
    assert driver.fork().engine.retention == bounds
