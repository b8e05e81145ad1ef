import { defineConfig } from 'prisma/config';

/** Where the Prisma command line finds the schema and the migrations. */
export default defineConfig({
  schema: '../prisma/schema.prisma',
  migrations: { path: '../migrations' },
  // For `prisma migrate deploy`, where its engine can be had; the client here never reads it.
  datasource: { url: process.env.DATABASE_URL ?? '' },
});
