# syntax=docker/dockerfile:1
# Priora with the embedded PostgreSQL's programs in it: set DATABASE_URL for a server of your own, or mount
# /var/lib/priora and use the embedded one. Until access control exists the server listens on loopback only; see
# compose.yaml for what that means in a container.

FROM node:22-slim AS build
WORKDIR /opt/priora
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .
# The bundle is made here, once. It is recognized by the times of its sources, and a layer keeps whole seconds only:
# without the touch the container would bundle again at every start.
RUN find . -path ./node_modules -prune -o -type f -exec touch -d 2026-01-01T00:00:00Z {} + \
 && node bin/priora.mjs help

FROM node:22-slim
WORKDIR /opt/priora
COPY --from=build /opt/priora /opt/priora
# `node` is an account of the base image. The account must have an entry in /etc/passwd: initdb refuses a user number
# without a name, so `docker run --user 12345` works with DATABASE_URL only.
RUN install -d -o node -g node -m 0700 /var/lib/priora
USER node
ENV NODE_ENV=production \
    PORT=8080 \
    PRIORA_DATA_DIR=/var/lib/priora
VOLUME /var/lib/priora
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=48", "bin/priora.mjs", "start"]
