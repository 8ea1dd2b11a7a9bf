FROM python:3.11-slim AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml setup.py MANIFEST.in README.md LICENSE ./
COPY ext ext
COPY riskengine riskengine
RUN python -m venv /opt/riskengine \
    && /opt/riskengine/bin/pip install --no-cache-dir .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/riskengine riskengine \
    && install --directory --owner=riskengine --mode=0700 /var/lib/riskengine
COPY --from=build /opt/riskengine /opt/riskengine
ENV PATH=/opt/riskengine/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    RISKENGINE_LISTEN=0.0.0.0:50051 \
    RISKENGINE_METRICS_LISTEN=0.0.0.0:9464 \
    RISKENGINE_DATA_DIR=/var/lib/riskengine
USER 10001
WORKDIR /var/lib/riskengine
VOLUME /var/lib/riskengine
EXPOSE 50051 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD ["riskengine", "health", "--address", "127.0.0.1:50051"]
ENTRYPOINT ["riskengine"]
CMD ["serve"]
