import { defineConfig } from 'prisma/config';

/** Where the Prisma command line finds the schema and the migrations. */
export default defineConfig({
  schema: '../prisma/schema.prisma',
  migrations: { path: '../migrations' },
});
