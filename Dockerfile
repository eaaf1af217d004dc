# Two images from one file, each without the other's package:
#   docker build --target control-plane -t backroom .
#   docker build --target storefront -t hearth-and-ladle .

FROM node:22-bookworm-slim AS browser-libraries
WORKDIR /libraries
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements/serve.txt /tmp/
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes -r /tmp/serve.txt
WORKDIR /srv
COPY translations translations
COPY local/__init__.py local/machine.py local/translations.py local/
RUN /opt/venv/bin/python -m local.translations
# The control plane has what the shop says in place of its sources.
COPY app app
COPY storefront storefront
RUN /opt/venv/bin/python -m app.locales.extraction.template storefront translations/storefront.pot

FROM prom/prometheus:v3.5.0 AS prometheus

FROM prom/alertmanager:v0.28.1 AS alertmanager

FROM python:3.11-slim-bookworm AS base
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2 \
    PROMETHEUS_MULTIPROC_DIR=/tmp/metrics METRICS_ADDRESS=0.0.0.0
# The control plane saves databases with pg_dump, which may not be older than their server.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -y --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --home-dir /srv --shell /usr/sbin/nologin house \
    && install -d -o house -g house /data /rules /alertmanager-config /mail \
    && install -d -o house -g house -m 700 /backups
WORKDIR /srv
COPY --from=packages /opt/venv /opt/venv
COPY --from=packages /srv/translations translations
COPY config.py wsgi.py ./
COPY migrations/__init__.py migrations/__main__.py migrations/env.py migrations/
USER house

FROM base AS control-plane
COPY app app
COPY docs/runbooks docs/runbooks
COPY migrations/control migrations/control
COPY --from=browser-libraries /libraries/node_modules/htmx.org/dist/htmx.min.js \
    /libraries/node_modules/htmx-ext-sse/dist/sse.min.js \
    /libraries/node_modules/idiomorph/dist/idiomorph-ext.min.js \
    /libraries/node_modules/uplot/dist/uPlot.iife.min.js \
    /libraries/node_modules/uplot/dist/uPlot.min.css \
    app/ui/static/vendor/
COPY --from=prometheus /bin/promtool /usr/local/bin/promtool
COPY --from=alertmanager /bin/amtool /usr/local/bin/amtool
COPY --chmod=755 <<'SCRIPT' /usr/local/bin/backroom
#!/bin/sh
exec python -m app.cli "$@"
SCRIPT
ENV RULES_DIR=/rules MAIL_DIR=/mail BACKUP_DIR=/backups PG_BIN=/usr/lib/postgresql/17/bin
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# The folder of the workers' metrics is emptied here, and only here: a worker that is replaced goes on counting.
CMD ["sh", "-c", "rm -rf /tmp/metrics && mkdir /tmp/metrics && exec gunicorn -c app/gunicorn_conf.py -b 0.0.0.0:8000 'wsgi:control_plane()'"]

FROM base AS storefront
COPY storefront storefront
COPY migrations/storefront migrations/storefront
# Fills a new shop with the invented goods: python -m local.stock
COPY local/__init__.py local/stock.py local/
ENV SHOP_DATA_DIR=/data MAIL_DIR=/data/mail
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
CMD ["sh", "-c", "rm -rf /tmp/metrics && mkdir /tmp/metrics && exec gunicorn -c storefront/gunicorn_conf.py -b 0.0.0.0:8080 'wsgi:storefront()'"]
