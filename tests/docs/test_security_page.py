"""docs/security.md: its files are taken as they stand, and each threat names tests there are."""

import ast
import re
from pathlib import Path

from riskengine.config import load_config
from riskengine.service.credentials import read_credentials

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
NAMED = re.compile(r"((?:`test_\w+`(?:, )?)+) \(([\w/]+)\)")


def threats() -> list[str]:
    _, _, after = PAGE.partition("\n## Threats")
    return [" ".join(item.split()) for item in re.split(r"^- ", after, flags=re.MULTILINE)[1:]]


def functions(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_each_threat_names_a_test_that_there_is() -> None:
    assert len(threats()) > 15
    for threat in threats():
        found = NAMED.findall(threat)
        assert len(re.findall("`test_", threat)) == sum(names.count("`test_") for names, _ in found)
        assert found, threat
        for names, module in found:
            known = functions(ROOT / "tests" / f"{module}.py")
            assert set(re.findall(r"`(\w+)`", names)) <= known, threat


def test_the_files_of_the_page_are_taken_as_they_stand(tmp_path: Path) -> None:
    settings, callers = re.findall(r"^```toml\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    path = tmp_path / "riskengine.toml"
    path.write_text(settings)
    config = load_config(path, {}, {})
    assert config.listen == "0.0.0.0:50051"
    found = read_credentials(callers.encode(), has_certificates=bool(config.tls_client_ca))
    assert found.names == {"engine-1", "wallet", "desk"}
