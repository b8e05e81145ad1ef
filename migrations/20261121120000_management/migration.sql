-- Management over REST: clients that registered themselves, exact totals without counting, answers that can be repeated.

-- AlterTable: what nobody of an organization made has no owner.
ALTER TABLE "oauth_clients"
  ALTER COLUMN "organization_sid" DROP NOT NULL,
  ALTER COLUMN "user_sid" DROP NOT NULL,
  ADD COLUMN "origin" TEXT NOT NULL DEFAULT 'managed',
  ADD COLUMN "jwks_uri" TEXT,
  ADD COLUMN "access_token_ttl" INTEGER,
  ADD COLUMN "refresh_token_ttl" INTEGER,
  ADD COLUMN "client_uri" TEXT,
  ADD COLUMN "contacts" TEXT[] DEFAULT ARRAY[]::TEXT[],
  ADD COLUMN "software_id" TEXT,
  ADD COLUMN "software_version" TEXT,
  ADD COLUMN "registration_token_hash" BYTEA,
  ADD COLUMN "fresh_until" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "organizations" ADD COLUMN "operator" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "resources" ADD COLUMN "accepts_registered_clients" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "refresh_tokens" ADD COLUMN "successor_salt" BYTEA;

-- CreateTable
CREATE TABLE "idempotent_answers" (
    "id_hash" BYTEA NOT NULL,
    "request_hash" BYTEA NOT NULL,
    "answer_sealed" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotent_answers_pkey" PRIMARY KEY ("id_hash")
);

-- CreateTable
CREATE TABLE "record_counts" (
    "kind" TEXT NOT NULL,
    "organization_sid" TEXT NOT NULL,
    "total" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "record_counts_pkey" PRIMARY KEY ("kind","organization_sid")
);

-- CreateTable
CREATE TABLE "last_uses" (
    "kind" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "used_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "last_uses_pkey" PRIMARY KEY ("kind","id")
);

-- CreateIndex
CREATE INDEX "idempotent_answers_expires_at_idx" ON "idempotent_answers"("expires_at");

-- CreateIndex
CREATE INDEX "oauth_clients_organization_sid_created_at_client_id_idx" ON "oauth_clients"("organization_sid", "created_at", "client_id");

-- CreateIndex
CREATE INDEX "oauth_clients_origin_idx" ON "oauth_clients"("origin");

-- CreateIndex
CREATE INDEX "grants_organization_sid_created_at_id_idx" ON "grants"("organization_sid", "created_at", "id");

-- CreateIndex
CREATE INDEX "audit_events_action_id_idx" ON "audit_events"("action", "id");

-- DropIndex
DROP INDEX "oauth_clients_organization_sid_idx";

-- DropIndex: nobody asks for refresh tokens so. What ends a user, a client or a session ends families, or is remembered as
-- a revocation; each index cost a rotation an entry.
DROP INDEX "refresh_tokens_user_sid_idx";
DROP INDEX "refresh_tokens_client_id_idx";
DROP INDEX "refresh_tokens_session_uid_hash_idx";

-- Exact totals of clients, by organization ('' for those without one), kept by whoever writes. One row for each statement
-- and organization, in their order, so that two writers of several organizations never wait for each other in a ring.
CREATE FUNCTION "countersign_count_clients"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO "record_counts" AS c ("kind", "organization_sid", "total")
    SELECT 'client', coalesce("organization_sid", ''), count(*) FROM added GROUP BY 2 ORDER BY 2
    ON CONFLICT ("kind", "organization_sid") DO UPDATE SET "total" = c."total" + excluded."total";
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO "record_counts" AS c ("kind", "organization_sid", "total")
    SELECT 'client', coalesce("organization_sid", ''), -count(*) FROM removed GROUP BY 2 ORDER BY 2
    ON CONFLICT ("kind", "organization_sid") DO UPDATE SET "total" = c."total" + excluded."total";
  ELSE
    INSERT INTO "record_counts" AS c ("kind", "organization_sid", "total")
    SELECT 'client', sid, sum(change) FROM (
      SELECT coalesce("organization_sid", '') AS sid, 1 AS change FROM added
      UNION ALL
      SELECT coalesce("organization_sid", ''), -1 FROM removed) moved
    GROUP BY sid HAVING sum(change) <> 0 ORDER BY sid
    ON CONFLICT ("kind", "organization_sid") DO UPDATE SET "total" = c."total" + excluded."total";
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "oauth_clients_counted_insert" AFTER INSERT ON "oauth_clients"
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "countersign_count_clients"();
CREATE TRIGGER "oauth_clients_counted_delete" AFTER DELETE ON "oauth_clients"
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION "countersign_count_clients"();
CREATE TRIGGER "oauth_clients_counted_update" AFTER UPDATE ON "oauth_clients"
  REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "countersign_count_clients"();

INSERT INTO "record_counts" ("kind", "organization_sid", "total")
SELECT 'client', coalesce("organization_sid", ''), count(*) FROM "oauth_clients" GROUP BY 2;

-- A role that changes, or begins, changes what the keys of that member may do.
CREATE TRIGGER "memberships_notify" AFTER INSERT OR UPDATE OR DELETE ON "memberships"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('user', 'user_sid');
