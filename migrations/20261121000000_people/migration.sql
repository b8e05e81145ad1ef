-- People: what clients may do in browsers, sessions that take their tokens along, questions put outside the browser,
-- and how often something was tried.

-- AlterTable
ALTER TABLE "oauth_clients"
  ADD COLUMN "post_logout_redirect_uris" TEXT[] DEFAULT ARRAY[]::TEXT[],
  ADD COLUMN "web_origins" TEXT[] DEFAULT ARRAY[]::TEXT[],
  ADD COLUMN "verified" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "require_par" BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN "require_dpop" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "grants" ADD COLUMN "permissions" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "families" ADD COLUMN "session_uid_hash" BYTEA;

-- CreateIndex
CREATE INDEX "families_session_uid_hash_idx" ON "families"("session_uid_hash");

-- CreateTable
CREATE TABLE "consent_tokens" (
    "id_hash" BYTEA NOT NULL,
    "interaction_sealed" BYTEA NOT NULL,
    "client_id" TEXT NOT NULL,
    "user_sid" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "spent_at" TIMESTAMPTZ(3),

    CONSTRAINT "consent_tokens_pkey" PRIMARY KEY ("id_hash")
);

-- CreateIndex
CREATE INDEX "consent_tokens_client_id_idx" ON "consent_tokens"("client_id");

-- CreateIndex
CREATE INDEX "consent_tokens_expires_at_idx" ON "consent_tokens"("expires_at");

-- CreateTable
CREATE TABLE "limits" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "limits_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "limits_expire_idx" ON "limits"("expire");

-- A new password ends all that was begun under the old one: sessions, and every token issued up to this moment. So does
-- the end of the user; both whoever writes it. Tokens that a node issues while it has not heard of it are covered too.
CREATE FUNCTION "countersign_end_user_sessions"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "sessions" WHERE "user_sid" = OLD."sid";
  IF TG_OP = 'UPDATE' AND NEW."password_hash" IS DISTINCT FROM OLD."password_hash" THEN
    PERFORM "countersign_revoke"('user', OLD."sid", '0 seconds', '181 days');
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "users_deleted_sessions" AFTER DELETE ON "users"
  FOR EACH ROW EXECUTE FUNCTION "countersign_end_user_sessions"();
CREATE TRIGGER "users_changed_sessions" AFTER UPDATE ON "users"
  FOR EACH ROW WHEN (
    OLD."password_hash" IS DISTINCT FROM NEW."password_hash"
    OR (OLD."standing" = 'active' AND NEW."standing" = 'suspended'))
  EXECUTE FUNCTION "countersign_end_user_sessions"();

-- Who leaves an organization leaves behind what was allowed in its name, and their keys to it. Where the membership goes along with its user
-- or organization, their own revocation covers all of it.
CREATE FUNCTION "countersign_end_membership"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() = 1 THEN
    UPDATE "families" f SET "revoked_at" = now() FROM "grants" g
    WHERE f."grant_id" = g."id" AND f."revoked_at" IS NULL
      AND g."user_sid" = OLD."user_sid" AND g."organization_sid" = OLD."organization_sid";
    DELETE FROM "grants" WHERE "user_sid" = OLD."user_sid" AND "organization_sid" = OLD."organization_sid";
    UPDATE "api_keys" SET "revoked_at" = now()
    WHERE "user_sid" = OLD."user_sid" AND "organization_sid" = OLD."organization_sid" AND "revoked_at" IS NULL;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "memberships_end" AFTER DELETE ON "memberships"
  FOR EACH ROW EXECUTE FUNCTION "countersign_end_membership"();
