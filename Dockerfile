# The API and the worker. The graph is a Neo4j of its own: see docker-compose.yml. No part of Neo4j is in this image.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
# WordLlama has no wheel for Linux on ARM, so it is compiled there.
RUN apt-get update && apt-get install --yes --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/neolight
WORKDIR /src

# The dependencies change seldom, so they are a layer of their own.
COPY pyproject.toml ./
RUN --mount=type=cache,target=/root/.cache/pip \
    python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > requirements.txt \
    && /opt/neolight/bin/pip install --requirement requirements.txt

COPY README.md LICENSE NOTICE ./
COPY app app
COPY cypher cypher
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/neolight/bin/pip wheel --no-deps --wheel-dir /wheels . \
    && /opt/neolight/bin/pip install --no-deps /wheels/*.whl


FROM python:3.13-slim
LABEL org.opencontainers.image.title="Neolight" \
      org.opencontainers.image.description="Answers with citations from a company's documents, by a knowledge graph that lives in Neo4j." \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --user-group --create-home --home-dir /data neolight
COPY --from=build /opt/neolight /opt/neolight
COPY LICENSE NOTICE /usr/share/doc/neolight/

ENV PATH=/opt/neolight/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NEOLIGHT_HOST=0.0.0.0 \
    NEOLIGHT_PORT=9621 \
    NEOLIGHT_DATA_DIR=/data \
    NEOLIGHT_CACHE_DIR=/data/cache
USER 10001:10001
WORKDIR /data
EXPOSE 9621
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=6 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['NEOLIGHT_PORT']}/health\", timeout=4)"]
ENTRYPOINT ["neolight"]
CMD ["serve"]
