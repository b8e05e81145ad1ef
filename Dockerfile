# syntax=docker/dockerfile:1

# The server alone, for a PostgreSQL elsewhere (DATABASE_URL). The embedded PostgreSQL is left out.
FROM node:24-bookworm-slim AS base
WORKDIR /app
ENV npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false

FROM base AS build
COPY package.json package-lock.json ./
# The workspace that the lock file names.
COPY src/sdk/package.json src/sdk/
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY .config .config
COPY prisma prisma
COPY src src
RUN npm run build && rm -f dist/.tsbuildinfo

FROM base AS production-dependencies
COPY package.json package-lock.json ./
COPY src/sdk/package.json src/sdk/
# Without the optional packages: they are PostgreSQL's binaries and what only the Prisma command line needs. The server
# does not use the workspace, whose link would lead nowhere in its image.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && rm -r node_modules/@countersign
# All but one: the native part of argon2 is an optional package of its platform.
COPY --from=build /app/node_modules/@node-rs node_modules/@node-rs
# Prisma brings a query compiler for every database it knows. PostgreSQL's stays.
RUN find node_modules/@prisma/client/runtime -type f \
    \( -name '*.map' -o -name 'query_compiler_*' ! -name 'query_compiler_fast_bg.postgresql.*' \) -delete

FROM base AS server
ENV NODE_ENV=production PORT=3000
COPY package.json LICENSE ./
COPY --from=production-dependencies /app/node_modules node_modules
COPY migrations migrations
COPY views views
COPY --from=build /app/dist dist
# The image's user `node`, by number so that an orchestrator can tell that it is not root. Nothing is written to disk.
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
