"""Who gets in, as the configuration says: TLS and credentials, from files that are looked after."""

from pathlib import Path

import grpc
import structlog

from riskengine.config import Config, ConfigError, is_loopback
from riskengine.metrics.statistics import AccessStatistics
from riskengine.service.access import AccessControl
from riskengine.service.changes import LOOK_SECONDS, CredentialsFile, Looking, Watched
from riskengine.service.credentials import Credentials, CredentialsError
from riskengine.service.schedule import Schedule
from riskengine.service.tls import ServerTls, TlsError, TlsFiles

_LOG = structlog.get_logger("riskengine.access")


class Entrance:
    """Hold the control of access and the server's end of TLS; raises `ConfigError`.

    `tls` is None when all goes in the clear.
    """

    def __init__(self, config: Config, statistics: AccessStatistics) -> None:
        self._config = config
        self._looking: list[Looking] = []
        self.tls = self._make_tls(statistics)
        self.access = self._make_access(statistics)
        self._schedule = Schedule("access", self._look, statistics)

    def start(self) -> None:
        """Say who gets in, and look after the files from now on."""
        self._tell()
        if self._looking:
            self._schedule.start(LOOK_SECONDS)

    async def stop(self) -> None:
        """Look after them no more."""
        await self._schedule.stop()

    async def _look(self) -> None:
        for files in self._looking:
            await files.look()

    def _make_tls(self, statistics: AccessStatistics) -> grpc.ServerCredentials | None:
        config = self._config
        if not config.tls_cert:
            return None
        client_ca = Path(config.tls_client_ca) if config.tls_client_ca else None
        files = TlsFiles(Path(config.tls_cert), Path(config.tls_key), client_ca)
        paths = [path for path in files if path is not None]
        try:
            watched = Watched(paths, files.read, "tls.refused", statistics.tls)
        except TlsError as error:
            raise ConfigError("tls_cert", "file", str(error)) from error
        tls = ServerTls(watched.value)

        def take(configuration: grpc.ServerCertificateConfiguration) -> None:
            tls.take(configuration)
            _LOG.info("tls.taken")

        watched.take = take
        self._looking.append(watched)
        return tls.credentials(verify_clients=client_ca is not None)

    def _make_access(self, statistics: AccessStatistics) -> AccessControl:
        config = self._config
        if not config.credentials:
            return AccessControl(None, statistics)
        file = CredentialsFile(Path(config.credentials), bool(config.tls_client_ca))
        try:
            watched = Watched([file.path], file.read, "credentials.refused", statistics.credentials)
        except CredentialsError as error:
            raise ConfigError("credentials", "file", str(error)) from error
        access = AccessControl(watched.value, statistics)

        def take(credentials: Credentials) -> None:
            ended = access.replace(credentials)
            _LOG.info("credentials.taken", callers=len(credentials.names), streams_ended=ended)

        watched.take = take
        self._looking.append(watched)
        return access

    def _tell(self) -> None:
        config = self._config
        told = {
            "tls": bool(config.tls_cert),
            "client_certificates": bool(config.tls_client_ca),
            "credentials": bool(config.credentials),
        }
        if not is_loopback(config.listen) and not (config.tls_cert and config.credentials):
            _LOG.warning("access.unguarded", listen=config.listen, **told)
        else:
            _LOG.info("access.rules", listen=config.listen, **told)
        if not is_loopback(config.metrics_listen):
            _LOG.warning("metrics.exposed", metrics_listen=config.metrics_listen)
