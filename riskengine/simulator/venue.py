"""The simulated venue, step by step: marks out, instructions in, fills back."""

import asyncio
import hashlib
from collections.abc import Sequence

from riskengine.api.v1 import common_pb2, instructions_pb2, risk_service_pb2
from riskengine.simulator.engine_link import EngineLink
from riskengine.simulator.exchange import Exchange
from riskengine.simulator.fund_watch import FundWatch
from riskengine.simulator.instruction_stream import Received
from riskengine.simulator.late_answers import LateAnswers
from riskengine.simulator.ledger import Trade
from riskengine.simulator.markets import SHORT_TIMEOUT_MILLIS
from riskengine.simulator.mirror import Mirror
from riskengine.simulator.old_debts import OldDebts
from riskengine.simulator.open_orders import OpenOrders
from riskengine.simulator.population import Population
from riskengine.simulator.prices import PricePath
from riskengine.simulator.tally import Tally
from riskengine.simulator.traders import Intent, Traders

STEPS_PER_CHECK = 2
"""New resting orders come, and are checked by the engine, at every so many steps."""
POLL_SECONDS = 0.02
"""How often the venue looks whether an order was cancelled at its deadline."""


class Venue:
    """Plays a price path in lock-step with the engine.

    A step sends the marks, waits for every decision that they caused, answers each liquidation
    order from the book until none is left, and then lets the traders trade. So what happens
    depends on the seed alone, not on how fast the engine or this machine is. A few orders are late:
    they are answered last, once they are cancelled at their deadlines.

    Before the traders trade nothing is on its way and no order is open: that is where a run can be
    stopped. What is pickled of a venue then is all but its link; it needs another one.
    """

    def __init__(
        self,
        link: EngineLink,
        exchange: Exchange,
        population: Population,
        path: PricePath,
        seed: int,
    ) -> None:
        self.link = link
        self.exchange = exchange
        self.path = path
        self.ledger = link.ledger
        self.tally = Tally(link.ledger, population)
        self.fund = FundWatch(link.ledger)
        self.traders = Traders(population, exchange, seed)
        self.cancelled_orders = 0
        self.refused_orders = 0
        self.rested_orders = 0
        self.topped_up_atoms = 0
        self.top_ups = 0
        self.at = 0
        self.lows = list(exchange.marks)
        self.late = LateAnswers(_slow_market(link), len(path), seed)
        self._crossed: list[Trade] = []
        self._orders = OpenOrders()
        self._debts = OldDebts()
        self._mirror = Mirror(link.ledger)
        self._story = b""

    def __getstate__(self) -> dict[str, object]:
        """Return all but the link."""
        return {name: value for name, value in vars(self).items() if name != "link"}

    @property
    def fingerprint(self) -> str:
        """Return a digest of all instructions so far, their times left out."""
        return self._story.hex()[:16]

    async def begin(self) -> None:
        """Carry out what the opening caused, and take stock."""
        await self._carry_out_all(await self.link.decided())
        self.fund.begin()

    async def mark(self, at: int) -> None:
        """Move to a step of the path: marks, and all that they cause."""
        times = self.path.times_seconds
        self.at = at
        elapsed = times[at] - times[at - 1] if at else 0
        marks = self.exchange.advance(self.path.index_ticks[at], elapsed)
        self.lows = [min(pair) for pair in zip(self.lows, marks, strict=True)]
        await self.link.send_marks(marks)
        received = await self.link.decided()
        self._crossed = self.exchange.quote()
        await self._carry_out_all(received)
        if self._debts.are_due(times[at]):
            await self._spread_debts()
        await self._look_at_fund()

    async def trade(self) -> None:
        """Let the traders trade in the present step."""
        if self.at % STEPS_PER_CHECK == 0:
            await self._rest_orders()
        trades = [*self._crossed, *self.traders.market_orders(self.path.activity_ppm[self.at])]
        trades += self.exchange.dispose_inventory()
        top_ups = self.traders.top_ups(self.at)
        self.top_ups += len(top_ups)
        self.topped_up_atoms += sum(amount for _, amount in top_ups)
        # Their answers are awaited with the next marks, whose judgement they precede.
        await self.link.send_trades(trades)
        await self.link.send_deposits(top_ups)

    async def settle(self) -> None:
        """Carry out what the last trades caused, and have what is owed spread: the day is over."""
        await self._carry_out_all(await self.link.decided())
        if self._debts:
            await self._spread_debts()
        await self._look_at_fund()

    async def _look_at_fund(self) -> None:
        self.fund.look(is_stopped=await self.link.fund_is_stopped())

    async def _spread_debts(self) -> None:
        """Have gains bear all debts; what they cannot bear waits anew."""
        await self.link.have_debts_spread()
        await self._carry_out_all(await self.link.decided())
        self._debts.wait_again(self.path.times_seconds[self.at])

    async def _carry_out_all(self, received: Sequence[Received]) -> None:
        """Carry out instructions and what the answers to them cause, until there is no more.

        The engine may end or shrink an order before the book has answered it, and end others by the
        fills of one: what is open is known by its instructions alone.
        """
        self._carry_out(received)
        while self._orders:
            orders = self._orders.waiting()
            prompt = self.late.prompt(orders)
            if prompt:
                await self._answer(prompt)
            else:
                await self._answer_late(orders)

    async def _answer(self, orders: Sequence[instructions_pb2.LiquidationOrder]) -> None:
        """Send what the book fills of orders, and then that they are done."""
        await self._send_fills(self._fills_of(orders))
        await self._report(orders)

    async def _answer_late(self, orders: Sequence[instructions_pb2.LiquidationOrder]) -> None:
        """Answer orders once they are cancelled: in their second term, or when they have ended."""
        while not self.late.are_cancelled(orders):
            await asyncio.sleep(POLL_SECONDS)
            self._carry_out(await self.link.decided())
        if not self.late.come_after_end(orders, self.at):
            await self._answer(orders)
            return
        fills = self._fills_of(orders)
        await self._report(orders)
        self.late.fills_after_end += len(fills)
        await self._send_fills(fills)

    async def _send_fills(self, fills: Sequence[Trade]) -> None:
        if fills:
            await self.link.send_trades(fills)
            self._carry_out(await self.link.decided())

    async def _report(self, orders: Sequence[instructions_pb2.LiquidationOrder]) -> None:
        reports = self._orders.still_open(orders)
        if reports:
            await self.link.send_reports(reports)
            self._carry_out(await self.link.decided())

    def _carry_out(self, received: Sequence[Received]) -> None:
        """Follow instructions in the venue's books, in its traders, orders, totals and story."""
        for instruction, _ in received:
            kind = instruction.WhichOneof("body")
            assert kind is not None, f"empty instruction {instruction.instruction_sequence}"
            self._mirror.apply(kind, instruction)
            self.tally.add(kind, instruction)
            self._orders.follow(kind, instruction)
            self.late.follow(kind, instruction, self.at)
            self._debts.follow(kind, instruction, self.path.times_seconds[self.at])
            self._follow(kind, instruction)
            self._tell(kind, instruction)

    def _fills_of(self, orders: Sequence[instructions_pb2.LiquidationOrder]) -> list[Trade]:
        """Match liquidation orders with the books, in order; return the trades."""
        trades: list[Trade] = []
        for order in orders:
            trades += self.exchange.liquidate(order, self._mirror.market(order.market_id))
        return trades

    def _follow(self, kind: str, instruction: instructions_pb2.Instruction) -> None:
        """Keep books and traders in step with an account's state."""
        match kind:
            case "margin_call":
                self.traders.margin_called(instruction.margin_call.account_id, self.at)
            case "cancel_orders":
                account_id = instruction.cancel_orders.account_id
                self.cancelled_orders += self.exchange.cancel_orders(account_id)
                self.traders.liquidation_began(account_id)
            case "liquidation_ended":
                ended = instruction.liquidation_ended
                if ended.state != common_pb2.ACCOUNT_STATE_BANKRUPT:
                    self.traders.liquidation_ended(ended.account_id)

    def _tell(self, kind: str, instruction: instructions_pb2.Instruction) -> None:
        """Add an instruction to the story, without what the engine's clock may change.

        So without cancels, and without its number: on a slow machine prompt answers cross
        deadlines, and nothing else is changed by that.
        """
        if kind == "cancel_liquidation_order":
            return
        told = instructions_pb2.Instruction()
        told.CopyFrom(instruction)
        told.sequence = told.time_nanos = told.instruction_sequence = 0
        if kind == "liquidation_order":
            told.liquidation_order.deadline_nanos = 0
        text = told.SerializeToString(deterministic=True)
        self._story = hashlib.sha256(self._story + text).digest()

    async def _rest_orders(self) -> None:
        intents = self.traders.limit_orders()
        answers = await asyncio.gather(
            *(self.link.may_rest(self._check(intent)) for intent in intents)
        )
        for intent, accepted in zip(intents, answers, strict=True):
            if accepted:
                self.rested_orders += 1
                self.traders.rest(intent)
            else:
                self.refused_orders += 1

    def _check(self, intent: Intent) -> risk_service_pb2.CheckOrderRequest:
        return risk_service_pb2.CheckOrderRequest(
            account_id=intent.account_id,
            market_id=self.ledger.markets[intent.market].market_id,
            side=common_pb2.SIDE_LONG if intent.is_buy else common_pb2.SIDE_SHORT,
            size_lots=intent.size_lots,
            price_ticks=intent.price_ticks,
        )


def _slow_market(link: EngineLink) -> int:
    """Return the market whose orders may be late: their deadlines come soon."""
    (market_id,) = (
        market.market_id
        for market in link.ledger.markets
        if market.liquidation_timeout_millis == SHORT_TIMEOUT_MILLIS
    )
    return market_id
