"""Every RPC of the contract is served, by what it is: command, question, act, or by itself."""

from pathlib import Path

from riskengine.commands import CommandKind
from riskengine.machine.contract import METHODS, SERVICES
from riskengine.service.acts import ACTS
from riskengine.service.handlers import (
    CONFIRM_START,
    GET_CLIENT,
    STREAM_INSTRUCTIONS,
    STREAM_STATE,
    SUBMIT,
    TAKE_SNAPSHOT,
)
from riskengine.service.questions import QUESTIONS
from tests.service.bench import running_bench


def test_each_rpc_is_one_of_the_four() -> None:
    commands = [kind.rpc for kind in CommandKind if kind.rpc]
    by_itself = [SUBMIT, STREAM_INSTRUCTIONS, STREAM_STATE, TAKE_SNAPSHOT]
    by_itself += [CONFIRM_START, GET_CLIENT]
    served = [*commands, *QUESTIONS, *ACTS, *by_itself]
    assert sorted(served) == sorted(METHODS)


async def test_each_method_has_a_handler_of_its_shape(tmp_path: Path) -> None:
    async with running_bench(tmp_path) as bench:
        for service in SERVICES:
            handlers = bench.handlers().of(service)
            assert list(handlers) == [method.name for method in service.methods]
            for method in service.methods:
                handler = handlers[method.name]
                assert handler.request_streaming is method.client_streaming
                assert handler.response_streaming is method.server_streaming


def test_a_command_alone_answers_with_a_result() -> None:
    with_result = {
        rpc for rpc, method in METHODS.items() if "result" in method.output_type.fields_by_name
    }
    assert with_result == {kind.rpc for kind in CommandKind if kind.rpc} | {SUBMIT}
