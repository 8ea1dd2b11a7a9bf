"""The one composition root: what a running server is made of, and in which order it lives.

A start recovers the journal, then listens, then says that it is ready. It ends
- on SIGTERM or SIGINT: health NOT_SERVING, no more calls taken, what was taken answered, journal
  synced, a snapshot taken, journal closed, exit code 0; more signals change nothing, and all of it
  is bounded: a disk that does not answer ends it with exit code 74;
- when the journal fails, or instructions cannot be written beside it: health NOT_SERVING, every
  call UNAVAILABLE, and after a grace period exit code 74: only a restart finds out what the disk
  kept;
- for a bug while the state changes: at once, exit code 70, with nothing acknowledged.
"""

import asyncio
import gc
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import time_ns

import structlog
from rich.console import Console

from riskengine import __version__
from riskengine.addresses import at_port, remove_addresses
from riskengine.announcing import announce
from riskengine.config import Config
from riskengine.entrance import Entrance
from riskengine.limits import group_limits, listeners_of, longest_end, server_limits
from riskengine.logging import configure_logging, log_libraries
from riskengine.machine.contract import SERVICES
from riskengine.machine.replay import ReplayError
from riskengine.machine.saving import SavedMachineError
from riskengine.machine.view import ViewError
from riskengine.metrics.collector import RiskEngineCollector
from riskengine.metrics.handover import LateSnapshotProvider, LoopSnapshotProvider
from riskengine.metrics.http_server import MetricsServer
from riskengine.metrics.readiness import FAILED, NOT_CONFIRMED, READY, STOPPING
from riskengine.metrics.snapshot import take_snapshot
from riskengine.metrics.statistics import Statistics
from riskengine.persistence import JournalError
from riskengine.process import (
    END_SIGNALS,
    EXIT_JOURNAL_FAILED,
    EXIT_NOT_STARTED,
    end_on_signals,
    end_within,
    exit_for_bug,
    ignore_signals,
    prepare_process,
)
from riskengine.recovery import Recovered, SnapshotUnusable, recover
from riskengine.service.availability import Availability
from riskengine.service.business_log import VenueWatch
from riskengine.service.call_places import CallPlaces
from riskengine.service.clone_turns import CloneKind
from riskengine.service.consumers import Consumers
from riskengine.service.disk_watch import DiskWatch
from riskengine.service.errors import CallError
from riskengine.service.handlers import Handlers
from riskengine.service.identity import Identity
from riskengine.service.instruction_upkeep import InstructionUpkeep, Keeping
from riskengine.service.journal_writer import JournalWriter
from riskengine.service.kept_instructions import KeptInstructions
from riskengine.service.log_clock import LogClock
from riskengine.service.log_start import LogStart
from riskengine.service.open_views import OpenViews
from riskengine.service.outbox import Outbox
from riskengine.service.parts import Parts
from riskengine.service.sequencer import Sequencer
from riskengine.service.server import GrpcServer
from riskengine.service.snapshots import Due, SnapshotTaker
from riskengine.service.state_streams import StateStreamLimits, StateStreams
from riskengine.service.subscriptions import Subscriptions
from riskengine.service.sync_schedule import SyncSchedule
from riskengine.units import MICROS_PER_SECOND, MILLIS_PER_SECOND

_LOG = structlog.get_logger("riskengine")


def serve(config: Config, ignored_variables: Sequence[str] = ()) -> int:
    """Run a server until it ends; return the exit code of the process.

    `ignored_variables` are those of the environment that only look like settings: they are told.
    Raises `ConfigError` when a file that the configuration names is wrong.
    """
    statistics = Statistics()
    configure_logging(config.log_level, config.log_format, statistics.log)
    log_libraries()
    _LOG.info("server.start", version=__version__, pid=os.getpid(), data_dir=config.data_dir)
    if ignored_variables:
        _LOG.info("settings.service_links", ignored=list(ignored_variables))
    entrance = Entrance(config, statistics.access)
    end_on_signals()
    connections = prepare_process() // listeners_of(config.listen)  # gRPC counts by listener
    config = replace(config, max_connections=min(config.max_connections, connections))
    provider = LateSnapshotProvider()
    try:
        metrics = _metrics_server(config, statistics, provider)
    except OSError as error:
        _LOG.error("server.not_started", error=str(error))
        return EXIT_NOT_STARTED
    _LOG.info("metrics.listening", metrics=at_port(config.metrics_listen, metrics.port))
    try:
        recovered = recover(config, statistics, Console(stderr=True))
    except (JournalError, ReplayError, SnapshotUnusable, OSError) as error:
        _LOG.error("recovery.refused", error=str(error))
        metrics.close()
        return EXIT_NOT_STARTED
    gc.collect()
    gc.freeze()  # What recovery made stays: the collector need not walk it again and again.
    return asyncio.run(_run(config, statistics, recovered, metrics, provider, entrance))


def _metrics_server(
    config: Config, statistics: Statistics, provider: LateSnapshotProvider
) -> MetricsServer:
    """Serve the page and the probes; raises OSError when the address cannot be bound."""
    host, _, port = config.metrics_listen.rpartition(":")
    collector = RiskEngineCollector(statistics, provider, __version__)
    return MetricsServer(host.strip("[]"), int(port), collector, statistics.readiness)


async def _run(
    config: Config,
    statistics: Statistics,
    recovered: Recovered,
    metrics: MetricsServer,
    provider: LateSnapshotProvider,
    entrance: Entrance,
) -> int:
    engine = recovered.machine.engine
    loop = asyncio.get_running_loop()
    provider.provider = LoopSnapshotProvider(loop, lambda: take_snapshot(engine))
    return await _Server(config, statistics, recovered, metrics, entrance).run()


class _Server:
    """The parts of one running server; made on its event loop by `run`."""

    def __init__(
        self,
        config: Config,
        statistics: Statistics,
        recovered: Recovered,
        metrics: MetricsServer,
        entrance: Entrance,
    ) -> None:
        self._config, self._statistics = config, statistics
        self._metrics, self._entrance = metrics, entrance
        self._log = recovered.log
        self._read_back = recovered.read_back
        self._instructions = recovered.instructions.log
        self._identity = Identity(__version__, time_ns(), recovered.log.log_id.hex())
        self._availability, self._ended = Availability(), asyncio.Event()
        self._machine = machine = recovered.machine
        self._clock = LogClock(machine.engine.time_nanos)
        gather_seconds = config.journal_gather_micros / MICROS_PER_SECOND
        schedule = SyncSchedule(recovered.log, gather_seconds=gather_seconds)
        self._outbox = Outbox(
            machine,
            recovered.log,
            self._instructions,
            schedule,
            self._availability,
            statistics,
            max_records=config.max_pending_records,
            max_bytes=config.max_pending_bytes,
        )
        self._writer = JournalWriter(
            recovered.log, self._instructions, schedule, self._outbox, statistics.journal
        )
        self._sequencer = Sequencer(
            machine,
            self._outbox,
            self._availability,
            statistics,
            clock=self._clock,
            on_bug=exit_for_bug,
            max_batch_rows=config.max_batch_rows,
        )
        self._start = self._log_start()
        self._views = OpenViews(machine.engine, self._sequencer.at_rest)
        self._snapshots = SnapshotTaker(
            machine,
            self._sequencer,
            recovered.log,
            self._instructions,
            recovered.snapshots,
            self._views,
            statistics.snapshots,
            Due(config.snapshot_interval_seconds, config.snapshot_journal_bytes),
            replayed_bytes=recovered.replayed_bytes,
            is_hash_noted=recovered.is_hash_noted,
        )
        self._kept = KeptInstructions(machine.ring, self._instructions)
        stored = recovered.instructions
        statistics.instructions.consumers_lost = stored.consumers_lost
        self._consumers = Consumers(machine.ring, stored.consumers_file, stored.confirmed)
        self._upkeep = InstructionUpkeep(
            machine,
            self._instructions,
            self._kept,
            self._consumers,
            statistics.instructions,
            Keeping(config.instructions_kept_seconds, config.instructions_alarm_bytes),
        )
        self._watch = VenueWatch(machine.engine, statistics.instructions, statistics.log)
        self._grpc = self._grpc_server()
        self._disk = self._disk_watch()

    async def run(self) -> int:
        """Serve until something ends it; return the exit code."""
        try:
            self._grpc.bind(self._config.listen)
        except OSError as error:
            _LOG.error("server.not_started", error=str(error))
            self._metrics.close()
            await self._upkeep.stop()
            self._close_logs()
            return EXIT_NOT_STARTED
        self._handle_signals()
        self._writer.start()
        self._entrance.start()
        self._watch.start()
        checking = asyncio.create_task(self._check_read_back())  # its clone is there before a call
        with self._availability.notify(self._note_end):
            with suppress(CallError):  # it ends before it has begun
                await self._begin()
            await self._ended.wait()
        return await self._end(checking)

    async def _begin(self) -> None:
        """Serve; before its start is in the log, reads and the operator who confirms it alone."""
        has_begun = await self._start.begin()
        await self._grpc.start()
        if has_begun:
            await self._open()
        else:
            self._statistics.readiness.enter(NOT_CONFIRMED, reason=str(self._start.refusal))
            announce(self._config, "held", self._grpc.port, self._metrics.port)

    async def _open(self) -> None:
        """Serve all calls."""
        self._snapshots.start()
        self._upkeep.start()
        self._disk.start()
        await self._grpc.open()
        self._statistics.readiness.enter(READY)
        announce(self._config, "ready", self._grpc.port, self._metrics.port)

    def _note_end(self) -> None:
        """Have the server end, and probes hear why it is not ready."""
        name = FAILED if self._availability.has_failed else STOPPING
        self._statistics.readiness.enter(name, reason=str(self._availability.refusal))
        self._ended.set()

    async def _check_read_back(self) -> None:
        """Have the process end when the state that it began with is not what was saved.

        No snapshot is taken before that is known: the next start would take it for what is right.
        """
        if self._read_back is not None:
            with self._views.one(CloneKind.SNAPSHOT):
                try:
                    await asyncio.wrap_future(self._read_back.done)
                except SavedMachineError as error:
                    exit_for_bug(error)
                except (OSError, ViewError) as error:
                    _LOG.warning("snapshot.not_verified", error=str(error))
                    return
            _LOG.info("snapshot.verified")

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()

        def stop(number: signal.Signals) -> None:
            if self._availability.refusal is None:
                _LOG.info("server.stop", signal=number.name)
                self._availability.shut_down()

        for number in END_SIGNALS:
            loop.add_signal_handler(number, stop, number)

    async def _end(self, checking: "asyncio.Task[None]") -> int:
        ignore_signals()
        end_within(longest_end(self._config))
        self._sequencer.stop()
        await self._start.stop()
        await self._disk.stop()
        await self._grpc.close_health()
        await self._snapshots.stop()
        if self._availability.has_failed:
            _LOG.error("journal.failed", error=str(self._availability.refusal))
            await asyncio.sleep(self._config.failure_grace_millis / MILLIS_PER_SECOND)
        await self._grpc.stop(self._config.shutdown_grace_millis / MILLIS_PER_SECOND)
        await self._writer.stop()
        if not self._availability.has_failed:
            seconds = self._config.snapshot_at_stop_millis / MILLIS_PER_SECOND
            await self._snapshots.take_at_end(seconds)
        checking.cancel()
        await asyncio.wait([checking])
        await self._views.stop()
        await self._watch.stop()
        await self._upkeep.stop()
        await self._entrance.stop()
        self._close_logs()
        await asyncio.to_thread(self._metrics.close)
        with suppress(OSError):
            remove_addresses(Path(self._config.data_dir))
        failed = self._availability.has_failed
        _LOG.info("server.end", durable_sequence=self._outbox.durability.sequence, failed=failed)
        return EXIT_JOURNAL_FAILED if failed else 0

    def _close_logs(self) -> None:
        self._instructions.close()
        try:
            self._log.close()
        except JournalError as error:
            self._outbox.fail(error)

    def _grpc_server(self) -> GrpcServer:
        config, handlers = self._config, self._handlers()
        services = {service: handlers.of(service) for service in SERVICES}
        seconds = config.request_seconds
        places = CallPlaces(group_limits(config), self._statistics.calls, request_seconds=seconds)
        entrance = self._entrance
        return GrpcServer(
            services,
            self._availability,
            server_limits(config),
            places,
            entrance.access,
            entrance.tls,
        )

    def _log_start(self) -> LogStart:
        return LogStart(
            self._machine.engine,
            self._sequencer,
            self._clock,
            self._statistics.clock,
            max_gap_seconds=self._config.max_start_gap_seconds,
            on_confirmed=self._open,
        )

    def _disk_watch(self) -> DiskWatch:
        return DiskWatch(
            lambda: self._writer.busy_nanos,
            self._availability,
            self._statistics.readiness,
            self._statistics.journal,
            self._grpc.say_serving,
            limit_millis=self._config.disk_answer_millis,
        )

    def _handlers(self) -> Handlers:
        config, statistics, outbox = self._config, self._statistics, self._outbox
        subscriptions = Subscriptions(
            self._kept,
            outbox.published,
            self._availability,
            statistics.instructions,
            max_instructions_per_message=config.max_instructions_per_message,
        )
        state_streams = StateStreams(
            self._machine.engine,
            outbox,
            self._views,
            self._availability,
            statistics.state_streams,
            self._identity.log_id,
            StateStreamLimits(config.max_state_streams, config.state_stream_seconds),
        )
        return Handlers(
            self._sequencer,
            Parts(
                self._machine,
                outbox,
                statistics,
                self._views,
                self._kept,
                self._consumers,
                self._identity,
                now_nanos=self._clock.now_nanos,
                start=self._start,
            ),
            subscriptions,
            state_streams,
            self._snapshots,
            self._availability,
            self._entrance.access,
            config.max_in_flight_batches,
        )
