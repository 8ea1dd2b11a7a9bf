"""The service: latency, throughput, queues, journal, subscribers."""

from deploy.grafana.spec import (
    RATE,
    RED_ABOVE_ZERO,
    Level,
    Look,
    PanelSpec,
    Query,
    RowSpec,
    quantiles,
)

SERVICE = RowSpec(
    "Service",
    (
        PanelSpec(
            "Decision latency",
            "From the receipt of mark prices to the publishing of their instructions: how late a "
            "liquidation order is. It holds one journal sync at least; far above the sync's own "
            "time: commands queue up.",
            "s",
            quantiles("riskengine_decision_duration_seconds"),
        ),
        PanelSpec(
            "Answer latency",
            "From the receipt of a command to when its answer may leave, its record being durable.",
            "s",
            quantiles("riskengine_durable_duration_seconds"),
        ),
        PanelSpec(
            "Journal sync",
            "Time of one write and sync of a group. It is the floor of every other latency: high "
            "means a slow or busy disk.",
            "s",
            quantiles("riskengine_journal_sync_duration_seconds"),
        ),
        PanelSpec(
            "Command time by kind, p99",
            "Time that one command took: the core, its judgement, the answer and the instructions. "
            "Marks are dear when many accounts must be judged.",
            "s",
            (
                Query(
                    "histogram_quantile(0.99, sum by (le, kind) "
                    f"(rate(riskengine_apply_duration_seconds_bucket{RATE}))) >= 0",
                    "{{kind}}",
                ),
            ),
        ),
        PanelSpec(
            "Order checks",
            "Latency of CheckOrder.",
            "s",
            quantiles("riskengine_check_order_duration_seconds"),
        ),
        PanelSpec(
            "Order checks a second",
            "Answers of CheckOrder. Mostly refused: traders hit their limits, or a client loops.",
            "short",
            (Query(f"sum by (result) (rate(riskengine_order_checks_total{RATE}))", "{{result}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Rows a second",
            "Rows applied, by kind of command.",
            "short",
            (Query(f"sum by (kind) (rate(riskengine_rows_applied_total{RATE}))", "{{kind}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Commands a second",
            "By what became of them. rejected: nothing of it was applied; repeated: sent again "
            "under the same key and given its first answer, as after a reconnect.",
            "short",
            (Query(f"sum by (result) (rate(riskengine_commands_total{RATE}))", "{{result}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Rejections a minute, most frequent reasons",
            "Rows and commands refused. unknown_account or unknown_market: the venue is ahead of "
            "the set-up; off_step, out_of_range: a client's fault; sequence_gap: a client lost "
            "count.",
            "short",
            (
                Query(
                    f"topk(6, 60 * sum by (reason) (rate(riskengine_rejections_total{RATE})))",
                    "{{reason}}",
                ),
            ),
        ),
        PanelSpec(
            "Queue before the journal",
            "Commands applied and not yet durable, calls held back because the queue is full, and "
            "how far durability is behind. Held back for long: the disk is too slow for the load.",
            "short",
            (
                Query("sum(riskengine_journal_queue_commands)", "commands waiting"),
                Query("sum(riskengine_waiting_submitters)", "calls held back"),
                Query(
                    "clamp_min("
                    "sum(riskengine_command_sequence - riskengine_durable_command_sequence), 0)",
                    "commands not durable",
                ),
            ),
        ),
        PanelSpec(
            "Work in pieces",
            "1 while the work of a command goes on in pieces, the commands that wait for its end, "
            "and pieces a second. Pending for long: commands that each set off much follow one "
            "another.",
            "short",
            (
                Query("max(riskengine_work_pending)", "pending"),
                Query("sum(riskengine_waiting_commands)", "commands waiting"),
                Query(
                    f'sum(rate(riskengine_commands_total{{kind="continue"}}{RATE}))',
                    "pieces a second",
                ),
            ),
        ),
        PanelSpec(
            "Queue before the journal, bytes",
            "Records that are not yet durable.",
            "bytes",
            (Query("sum(riskengine_journal_queue_bytes)", "waiting"),),
        ),
        PanelSpec(
            "Journal groups and records a second",
            "Records over groups is how many commands share one sync.",
            "short",
            (
                Query(f"sum(rate(riskengine_journal_syncs_total{RATE}))", "groups"),
                Query(f"sum(rate(riskengine_journal_records_total{RATE}))", "records"),
            ),
        ),
        PanelSpec(
            "Journal size",
            "What the journal keeps on disk. Give the disk room for what is kept between trims.",
            "bytes",
            (Query("sum(riskengine_journal_size_bytes)", "kept"),),
        ),
        PanelSpec(
            "Journal writes",
            "Bytes made durable a second.",
            "Bps",
            (Query(f"sum(rate(riskengine_journal_written_bytes_total{RATE}))", "written"),),
        ),
        PanelSpec(
            "Subscriber lag",
            "Instructions that the slowest subscriber has yet to be sent. Growing: the venue reads "
            "its instructions too slowly, and liquidations wait for it.",
            "short",
            (
                Query("max(riskengine_subscriber_lag_instructions)", "slowest"),
                Query(
                    "clamp_min(sum(riskengine_instruction_sequence"
                    " - riskengine_published_instruction_sequence), 0)",
                    "not yet published",
                ),
            ),
        ),
        PanelSpec(
            "Subscribers",
            "Open instruction streams. 0: nobody hears the engine; connect the matching engine.",
            "short",
            (Query("sum(riskengine_subscribers)", "subscribers"),),
            levels=(Level(None, "red"), Level(1, "green")),
        ),
        PanelSpec(
            "Consumer lag",
            "Instructions that the slowest named consumer has yet to confirm. Growing: it does not "
            "read, or does not confirm; ListConsumers says which, and what it holds on disk.",
            "short",
            (Query("max(riskengine_consumer_lag_instructions)", "slowest"),),
        ),
        PanelSpec(
            "Consumers",
            "Named consumers of instructions. More than are known: someone confirms under a name "
            "that nobody expects.",
            "short",
            (Query("sum(riskengine_consumers)", "consumers"),),
        ),
        PanelSpec(
            "Instructions on disk",
            "What is kept of them, and how much of that the slowest consumer holds. Nothing is "
            "dropped for its size: forget a consumer that will not come back.",
            "bytes",
            (
                Query("sum(riskengine_instructions_size_bytes)", "kept"),
                Query("max(riskengine_consumer_lag_bytes)", "held by the slowest consumer"),
            ),
        ),
        PanelSpec(
            "Instructions kept",
            "How many can be read, from the oldest to the last published.",
            "short",
            (
                Query(
                    "clamp_min(sum(riskengine_published_instruction_sequence)"
                    " - sum(riskengine_oldest_instruction_sequence), 0)",
                    "kept",
                ),
            ),
        ),
        PanelSpec(
            "Alarm of instructions on disk",
            "1: they are as many bytes as instructions_alarm_bytes. See which consumer is behind "
            "with ListConsumers; mend it, or forget it. Or the list of consumers was gone at the "
            "start: have each confirm again.",
            "short",
            (
                Query("max(riskengine_instructions_alarm)", "alarm"),
                Query("max(riskengine_consumers_alarm)", "consumers lost"),
            ),
            levels=RED_ABOVE_ZERO,
        ),
        PanelSpec(
            "Instructions a second",
            "Instructions published.",
            "short",
            (Query(f"sum(rate(riskengine_published_instruction_sequence{RATE}))", "instructions"),),
        ),
        PanelSpec(
            "Ready",
            "1 while calls are served. 0: it recovers, ends, or waits for its disk; /readyz of the "
            "metrics port says which, and how far a recovery is.",
            "short",
            (Query("min(riskengine_ready)", "ready"),),
            levels=(Level(None, "red"), Level(1, "green")),
        ),
        PanelSpec(
            "Open calls by group",
            "Each group has places of its own. submit and instructions: streams, and idle ones "
            "make room for new ones.",
            "short",
            (Query("sum by (group) (riskengine_open_calls)", "{{group}}"),),
            Look.STACK,
        ),
        PanelSpec(
            "Calls without a place a minute",
            "refused: all places of the group were taken; taken_back: an idle stream made room, or "
            "a message never came. Somebody opens more than there is room for.",
            "short",
            (
                Query(
                    f"60 * sum by (group, result) (rate(riskengine_call_places_total{RATE}))",
                    "{{group}} {{result}}",
                ),
            ),
            Look.STACK,
        ),
        PanelSpec(
            "Dropped log lines a minute",
            "Lines of the log that nobody read in time. Look at what reads the server's standard "
            "error.",
            "short",
            (Query(f"60 * sum(rate(riskengine_log_dropped_lines_total{RATE}))", "lines"),),
        ),
        PanelSpec(
            "Age of the log's time",
            "Time since the last command. Growing: the venue sends nothing.",
            "s",
            (Query("time() - max(riskengine_log_time_seconds)", "age"),),
        ),
        PanelSpec(
            "Clock ahead of the log's time",
            "The server's clock less the log's time, which goes by a monotonic clock. Beyond a "
            "second: the clock was stepped or the machine stood still. Behind: SetLogTime.",
            "s",
            (Query("max by (instance) (riskengine_clock_offset_seconds)", "{{instance}}"),),
            levels=(Level(None, "red"), Level(-1, "green"), Level(1, "red")),
        ),
        PanelSpec(
            "Start held",
            "1: the gap before the start is longer than max_start_gap_seconds, and no command is "
            "taken before an operator calls ConfirmStart.",
            "short",
            (Query("max(riskengine_start_held)", "held"),),
            levels=RED_ABOVE_ZERO,
        ),
        PanelSpec(
            "Processor",
            "Cores used by the process. The engine writes on one thread: near 1 it is the limit.",
            "short",
            (Query(f'rate(process_cpu_seconds_total{{job="riskengine"}}{RATE})', "{{instance}}"),),
        ),
        PanelSpec(
            "Memory",
            "Resident memory of the process.",
            "bytes",
            (Query('process_resident_memory_bytes{job="riskengine"}', "{{instance}}"),),
        ),
        PanelSpec(
            "Commands since the snapshot",
            "What a start would replay. Growing on and on: snapshots fail, and the journal is not "
            "shortened; the log says why.",
            "short",
            (
                Query(
                    "sum(riskengine_command_sequence) - sum(riskengine_snapshot_command_sequence)",
                    "commands",
                ),
            ),
        ),
        PanelSpec(
            "Snapshots, 1 h",
            "By what became of them. Failed: the journal is not shortened; `riskengine health "
            "--detail` and the log say why.",
            "short",
            (Query("sum by (result) (increase(riskengine_snapshots_total[1h]))", "{{result}}"),),
        ),
        PanelSpec(
            "Snapshot",
            "How long the last one took, and for how much of that it held up all calls.",
            "s",
            (
                Query("max(riskengine_snapshot_duration_seconds)", "in all"),
                Query("max(riskengine_snapshot_held_up_seconds)", "held up"),
            ),
        ),
        PanelSpec(
            "State streams",
            "Streams of the whole state by what became of them. Refused: more were asked for than "
            "max_state_streams; given up: mostly clients that read too slowly.",
            "short",
            (
                Query(
                    f"sum by (result) (rate(riskengine_state_streams_total{RATE}))", "{{result}}"
                ),
                Query("sum(riskengine_open_state_streams)", "open"),
            ),
        ),
        PanelSpec(
            "Waiting for state streams",
            "What open state streams have still to send to their clients, in memory.",
            "bytes",
            (Query("sum(riskengine_state_stream_waiting_bytes)", "waiting"),),
        ),
        PanelSpec(
            "Calls denied a minute",
            "unauthenticated: what they show is nobody's, as after a token was changed on one side "
            "alone, or somebody tries tokens. permission_denied: a caller asks for what its role "
            "may not. resource_exhausted: it calls more often than its calls_per_second. The log's "
            "call.end lines name rpc and caller.",
            "short",
            (
                Query(
                    f"60 * sum by (status) (rate(riskengine_calls_denied_total{RATE}))",
                    "{{status}}",
                ),
            ),
        ),
        PanelSpec(
            "Files of access refused",
            "1: a changed file of credentials, or of TLS, is wrong, and what stood there before "
            "still holds, also for who should be revoked. The log says what is wrong.",
            "short",
            (Query("max by (file) (riskengine_access_change_refused)", "{{file}}"),),
            levels=RED_ABOVE_ZERO,
        ),
        PanelSpec(
            "Last recovery",
            "Time that the last start took: the journal verified, the newest snapshot read "
            "back, and what came after it replayed.",
            "s",
            (Query("max(riskengine_recovery_duration_seconds)", "start"),),
        ),
        PanelSpec(
            "Gap before the last start",
            "By how much the log's time was put forward then: deadlines have moved by it.",
            "s",
            (Query("max(riskengine_start_gap_seconds)", "gap"),),
        ),
    ),
)
