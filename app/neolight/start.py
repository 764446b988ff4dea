"""Builds what the program is made of from its settings: the graph, the models, the worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from neolight import embedded
from neolight.deps import Deps, Extractor, Files, Limits
from neolight.errors import ConfigurationError, InvalidInput
from neolight.graph import setup
from neolight.graph.documents import Original
from neolight.graph.gateway import Graph, connect
from neolight.graph.guides import Guide
from neolight.ingest import readers
from neolight.ingest.estimate import Estimate, estimate
from neolight.ingest.extractor import KeptExtractor, PlainExtractor
from neolight.ingest.readers.limits import ReadLimits
from neolight.ingest.sandbox import Sandbox
from neolight.llm import templates
from neolight.llm.chat import ChatModel
from neolight.llm.embeddings import EmbeddingModel
from neolight.llm.extraction import ModelExtractor, Sought
from neolight.llm.providers import chat_model, embedding_model
from neolight.llm.summary import Summarizer
from neolight.llm.usage import Prices
from neolight.models import Chunking, ChunkingChoice
from neolight.roles import Lines, embedding_connection, extraction_connection, models
from neolight.settings import Settings, reader_environment, use_bundled_vocabulary
from neolight.urls import UrlRules

DOCLING_MB = 8192
"""Address space of a reader with docling's libraries and models: with 1,024 MB they cannot even be loaded."""

SCHEMES = ("neo4j://", "neo4j+s://", "neo4j+ssc://", "bolt://", "bolt+s://", "bolt+ssc://")


@dataclass(frozen=True, slots=True)
class Address:
    """Where Neo4j is and how to log in; the Browser's address where it is known."""

    uri: str
    username: str
    password: str
    browser: str | None


async def locate(settings: Settings, progress: embedded.Progress = embedded.silent) -> Address:
    """The Neo4j that the settings name, or the embedded one, started if it does not run.

    Raises EmbeddedServerError, ConfigurationError.
    """
    if settings.neo4j_uri:
        if not settings.neo4j_uri.startswith(SCHEMES):
            raise ConfigurationError(
                f"NEO4J_URI is {settings.neo4j_uri}, which is no address of Neo4j's drivers.",
                hint=f"Begin it with one of {' '.join(SCHEMES)}; the port is 7687 unless it was changed.",
            )
        password = settings.neo4j_password.get_secret_value()
        return Address(settings.neo4j_uri, settings.neo4j_username, password, None)
    server = await asyncio.to_thread(
        embedded.ensure, settings.data_dir, settings.cache_dir, neo4j_home=settings.neo4j_home, progress=progress
    )
    return Address(server.uri, server.username, server.password, server.browser_url)


@asynccontextmanager
async def opened(settings: Settings, progress: embedded.Progress = embedded.silent) -> AsyncGenerator[Deps]:
    """Opens everything, brings the graph to this program's schema, and closes everything at the end.

    Raises:
        EmbeddedServerError, GraphUnavailable, GraphMismatch, ConfigurationError, ModelUnavailable: as they say.
    """
    use_bundled_vocabulary()
    templates.use_folder(settings.prompts_dir)
    address = await locate(settings, progress)
    login = (address.uri, address.username, address.password)
    async with connect(*login, database=settings.neo4j_database) as graph:
        lines = Lines()
        embeddings = await _embeddings(settings, graph, lines)
        roles = models(settings, lines)
        cut = Chunking(settings.chunk_strategy, settings.chunk_tokens, settings.chunk_overlap, settings.chunk_separator)
        limits = Limits(_usable(cut), settings.max_upload_mb)
        read = Sandbox(_read_limits(settings))
        try:
            extract = _extractor(settings, graph, roles.extraction)
            yield Deps(
                graph,
                embeddings,
                extract,
                roles.answers,
                limits,
                Files(settings.input_dir or settings.data_dir / "inputs", readers.SUPPORTED),
                room=partial(_room, settings),
                resting=partial(_resting, embeddings, roles.extraction),
                language=settings.language,
                reader=roles.keywords,
                reranker=roles.reranker,
                summarize=_summarizer(settings, roles.extraction),
                read=read,
                urls=UrlRules(settings.url_allow, settings.max_upload_mb),
                prices=Prices(settings.prices),
            )
        finally:
            await read.close()
            await embeddings.close()
            await roles.close()


def _usable(chunking: Chunking) -> Chunking:
    """The chunking of the settings. Raises ConfigurationError."""
    try:
        return chunking.checked()
    except InvalidInput as error:
        raise ConfigurationError(
            f"{error.message} That is what the NEOLIGHT_CHUNK_ settings say.", hint=error.hint
        ) from error


def _room(settings: Settings) -> None:
    """Raises DiskFull where the disk of the embedded server is nearly full."""
    if not settings.neo4j_uri:
        embedded.check_room(settings.data_dir)


def _resting(*models: EmbeddingModel | ChatModel | None) -> float | None:
    """Seconds until a model that was down is tried again; None where none was."""
    return max((model.resting for model in models if model and model.down), default=None)


async def _embeddings(settings: Settings, graph: Graph, lines: Lines) -> EmbeddingModel:
    """The embedding model that the database has recorded; on a new database the one of the settings, recorded now."""
    await setup.check_server(graph)
    space = await setup.recorded_space(graph)
    if space is None:
        provider, name, dimensions = (
            settings.embedding_provider,
            settings.embedding_model,
            settings.embedding_dimensions,
        )
    else:
        provider, name, dimensions = space.provider, space.model, space.dimensions
    wanted = embedding_connection(settings, provider, name)
    batch = settings.embedding_batch
    model = await embedding_model(wanted, dimensions=dimensions, batch=batch, line=lines.of(wanted))
    recorded = await setup.prepare(graph, setup.EmbeddingSpace(provider, model.name, model.dimensions))
    if recorded.dimensions != model.dimensions:
        raise ConfigurationError(
            f"The graph has vectors of {recorded.dimensions} dimensions by {recorded.model}, and {model.name} gives "
            f"{model.dimensions}.",
            hint="Unset NEOLIGHT_EMBEDDING_DIMENSIONS, or use a new database.",
        )
    return model


def _read_limits(settings: Settings) -> ReadLimits:
    if settings.reader_parser == "docling" and find_spec("docling") is None:
        raise ConfigurationError(
            "NEOLIGHT_READER_PARSER is docling, which is not installed.",
            hint="Run `pip install 'neolight[docling]'`, or leave the setting out.",
        )
    seconds, megabytes = settings.reader_seconds, settings.reader_memory_mb
    if settings.reader_parser == "docling" and "reader_memory_mb" not in settings.model_fields_set:
        megabytes = DOCLING_MB
    return ReadLimits(seconds, megabytes, settings.reader_parser, reader_environment())


def _extractor(settings: Settings, graph: Graph, chat: ChatModel | None) -> Extractor:
    if chat is None:
        return PlainExtractor()

    return KeptExtractor(graph, lambda guide: model_extractor(settings, chat, guide))


def _summarizer(settings: Settings, chat: ChatModel | None) -> Summarizer | None:
    if chat is None or not settings.summary_tokens:
        return None
    return Summarizer(chat, tokens=settings.summary_tokens, language=settings.language)


def model_extractor(settings: Settings, chat: ChatModel, guide: Guide) -> ModelExtractor:
    """Extraction by a model, as the settings and a workspace's guide want it."""
    return ModelExtractor(
        chat,
        Sought(guide.entity_types or settings.entity_types, guide.relation_types, guide.patterns, guide.others),
        language=settings.language,
        gleaning=settings.gleaning,
    )


def estimate_of(
    settings: Settings, originals: Iterable[Original], choice: ChunkingChoice, refused: Callable[[InvalidInput], None]
) -> Estimate:
    """What indexing originals would take, and what would be refused; no server is asked.

    Raises ConfigurationError, and InvalidInput where documents cannot be cut so.
    """
    use_bundled_vocabulary()
    templates.use_folder(settings.prompts_dir)
    chat = chat_model(extraction_connection(settings))
    extractor = model_extractor(settings, chat, Guide()) if chat else None
    cut = Chunking(settings.chunk_strategy, settings.chunk_tokens, settings.chunk_overlap, settings.chunk_separator)
    return estimate(originals, extractor, choice.applied(_usable(cut)), refused)
