# Frontdesk from this repository, with the locked dependencies.
#   docker build -t frontdesk .
#   docker run -p 127.0.0.1:1956:1956 -v frontdesk:/data frontdesk     all in one container
# compose.yaml runs web and worker apart, over a PostgreSQL of their own.

FROM node:24-slim AS dashboard
WORKDIR /build/dashboard
COPY dashboard/package.json dashboard/package-lock.json dashboard/.npmrc ./
RUN npm ci --omit=dev
COPY dashboard ./
RUN npm run build

FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /app
COPY requirements.lock ./
RUN /app/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY --from=dashboard /build/src/frontdesk/web/dashboard ./src/frontdesk/web/dashboard
RUN /app/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --system --uid 1956 --user-group --no-create-home frontdesk \
    && install -d -o frontdesk -g frontdesk -m 0700 /data
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FRONTDESK_DATA=/data \
    FRONTDESK_HOST=0.0.0.0
USER frontdesk
VOLUME /data
EXPOSE 1956
STOPSIGNAL SIGTERM
# `up` is fit to be process 1: it reaps what is left to it, and stops its processes in order.
ENTRYPOINT ["frontdesk"]
CMD ["up"]
