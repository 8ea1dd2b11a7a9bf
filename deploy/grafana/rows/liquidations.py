"""Liquidations: who is closed, in what market, on which side, by which step of the waterfall."""

from deploy.grafana.spec import MARKET, RATE, Look, PanelSpec, Query, RowSpec, per_minute

NOTIONAL = f"riskengine_liquidated_notional_asset_units_total{{{MARKET}}}"
CLOSES = f"riskengine_liquidation_closes_total{{{MARKET}}}"
ORDERS = f"riskengine_liquidation_orders_total{{{MARKET}}}"
CONTRACTS = f"riskengine_liquidated_contracts_total{{{MARKET}}}"

LIQUIDATIONS = RowSpec(
    "Liquidations",
    (
        PanelSpec(
            "Liquidated notional a minute, by stage",
            "order_fill is closed in the book, take_over by the insurance fund, auto_deleverage "
            "against winning positions. A shift from order_fill to take_over: the book is too thin "
            "for the liquidation orders. Any auto_deleverage: the fund could not take it.",
            "short",
            (Query(per_minute(NOTIONAL, "stage, asset"), "{{stage}} {{asset}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Liquidated notional a minute, by side",
            "Side of the position that was closed. One side alone for minutes is a cascade: its "
            "closes move the price that triggers the next.",
            "short",
            (Query(per_minute(NOTIONAL, "side, asset"), "{{side}} {{asset}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Liquidated notional a minute, by market",
            "Where it happens. A single market, with the others calm: check its mark price first.",
            "short",
            (Query(per_minute(NOTIONAL, "market"), "{{market}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Liquidated contracts a minute",
            "Size of the forced closes by market and side, in contracts.",
            "short",
            (Query(per_minute(CONTRACTS, "market, side"), "{{market}} {{side}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Forced closes a minute",
            "Number of fills, take-overs and ADL allocations.",
            "short",
            (Query(per_minute(CLOSES, "stage"), "{{stage}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Liquidation orders",
            "Orders given to the venue a minute, and orders open now. Open orders that pile up: "
            "the venue does not fill them or does not report them done; each ends at its deadline, "
            "and its rest goes to the fund.",
            "short",
            (
                Query(per_minute(ORDERS, "market"), "{{market}} given a minute"),
                Query("sum(riskengine_open_liquidation_orders)", "open now"),
            ),
        ),
        PanelSpec(
            "Accounts in trouble",
            "Accounts by state, without the normal ones. Margin calls are those next in line.",
            "short",
            (Query('sum by (state) (riskengine_accounts{state!="normal"})', "{{state}}"),),
        ),
        PanelSpec(
            "Margin calls and liquidations a minute",
            "Started above ended for long: accounts stay in liquidation.",
            "short",
            (
                Query(f"60 * sum(rate(riskengine_margin_calls_total{RATE}))", "margin calls"),
                Query(f"60 * sum(rate(riskengine_liquidations_started_total{RATE}))", "started"),
                Query(f"60 * sum(rate(riskengine_liquidations_ended_total{RATE}))", "ended"),
            ),
        ),
        PanelSpec(
            "Liquidated notional, 24 h, by market, side and stage",
            "The same as the first panels, summed over 24 hours.",
            "short",
            (Query(f"sum by (market, side, stage) (increase({NOTIONAL}[24h]))"),),
            Look.TABLE,
        ),
    ),
)
