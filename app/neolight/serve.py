"""Runs the server: uvicorn for one process, gunicorn with uvicorn workers for more."""

from __future__ import annotations

import logging
import socket
from typing import Any

import uvicorn

from neolight import embedded
from neolight.auth.bodies import BodyLimits
from neolight.errors import ConfigurationError
from neolight.main import create_app
from neolight.settings import Settings


def serve(settings: Settings, progress: embedded.Progress = embedded.silent) -> None:
    """Serves until Ctrl-C or SIGTERM.

    Raises:
        ConfigurationError: the address cannot be listened on.
        EmbeddedServerError: the embedded Neo4j does not start.
    """
    _check_port(settings)
    logging.getLogger("neolight").setLevel(settings.log_level)
    if not settings.neo4j_uri:
        embedded.ensure(settings.data_dir, settings.cache_dir, neo4j_home=settings.neo4j_home, progress=progress)
    progress(f"Neolight serves GraphQL at http://{settings.host}:{settings.port}/graphql", None)
    if settings.workers == 1:
        uvicorn.run(
            create_app(settings),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            server_header=False,
            ws_max_size=BodyLimits().frame,
        )
    else:
        _gunicorn(settings)


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise ConfigurationError(
                f"Port {settings.port} of {settings.host} cannot be listened on: {error.strerror}.",
                hint="Stop what uses it, or choose another with --port.",
            ) from error


def _gunicorn(settings: Settings) -> None:
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415  (it needs fcntl, which Windows lacks)

    class Application(BaseApplication):
        def load_config(self) -> None:
            self.cfg.set("bind", f"{settings.host}:{settings.port}")
            self.cfg.set("workers", settings.workers)
            self.cfg.set("worker_class", "uvicorn_worker.UvicornWorker")
            self.cfg.set("graceful_timeout", 30)

        def load(self) -> Any:
            return create_app(settings)

    Application().run()
