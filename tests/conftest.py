"""Hypothesis profiles: HYPOTHESIS_PROFILE=ci looks harder than the default, dev."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

from riskengine.simulator.certificates import Authority, Certificate

settings.register_profile("dev", max_examples=50, deadline=None, print_blob=True)
settings.register_profile(
    "ci",
    max_examples=200,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

pytest.register_assert_rewrite("tests.vectors")
pytest_plugins = ("tests.vectors.summary",)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Make a CA; what it signs is of no use to anybody else. Without openssl there is none."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificates, is not installed")
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def server_certificate(authority: Authority) -> Certificate:
    """Make the certificate of a server on this machine."""
    return authority.server()
