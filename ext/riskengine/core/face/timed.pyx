"""The engine's commands by which nothing but time goes on (see engine.pyi)."""

from libc.stdint cimport int64_t

from riskengine.core.commands.frame cimport (
    Progress,
    accept_row,
    apply_continue,
    apply_tick,
    start,
    start_live,
    start_live_amid,
)
from riskengine.core.commands.log_time cimport apply_log_time, apply_started


cdef class TimedEngine(LoadableEngine):
    """An engine for which time passes, whether or not it was there."""

    def tick(self, int64_t time_nanos):
        """Let the timers fire that are due by then; refused when none is (GD-20)."""
        cdef Progress progress
        if start_live(self.state.desk, progress, time_nanos):
            apply_tick(self.state.desk.books, progress)
        return self.done(progress)

    def go_on(self, int64_t time_nanos):
        """Go on with work that is pending; refused when there is none (WK-3)."""
        cdef Progress progress
        if start_live_amid(self.state.desk, progress, time_nanos):
            apply_continue(self.state.desk, progress)
        return self.done(progress)

    def note(self, int64_t time_nanos):
        """Let time go on for what is noted beside the core: as any command, it has timers fire."""
        cdef Progress progress
        if start(self.state.desk, progress, time_nanos):
            accept_row(progress)
        return self.done(progress)

    def started(self, int64_t time_nanos):
        """Go on after a gap, by which deadlines and retentions move; it tells nothing (TM-6)."""
        cdef Progress progress
        if start(self.state.desk, progress, time_nanos):
            apply_started(self.state.desk, progress)
        return self.done(progress)

    def set_log_time(self, int64_t time_nanos, int64_t log_time_nanos):
        """Put the log's time forward, and deadlines and retentions with it (TM-7)."""
        cdef Progress progress
        if start(self.state.desk, progress, time_nanos):
            apply_log_time(self.state.desk, progress, log_time_nanos)
        return self.done(progress)
