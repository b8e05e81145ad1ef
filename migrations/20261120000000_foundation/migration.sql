-- The foundation: every table of the house, and the triggers that tell all nodes of a change to what they cache.

-- CreateEnum
CREATE TYPE "standing" AS ENUM ('active', 'suspended');

-- CreateEnum
CREATE TYPE "role" AS ENUM ('owner', 'admin', 'developer', 'viewer');

-- CreateEnum
CREATE TYPE "client_type" AS ENUM ('public', 'confidential');

-- CreateEnum
CREATE TYPE "token_format" AS ENUM ('jwt', 'opaque');

-- CreateTable
CREATE TABLE "organizations" (
    "sid" TEXT NOT NULL,
    "parent_sid" TEXT,
    "name" TEXT NOT NULL,
    "standing" "standing" NOT NULL DEFAULT 'active',
    "demo" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organizations_pkey" PRIMARY KEY ("sid")
);

-- CreateTable
CREATE TABLE "accounts" (
    "sid" TEXT NOT NULL,
    "organization_sid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "standing" "standing" NOT NULL DEFAULT 'active',
    "auth_token_sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("sid")
);

-- CreateTable
CREATE TABLE "users" (
    "sid" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "standing" "standing" NOT NULL DEFAULT 'active',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("sid")
);

-- CreateTable
CREATE TABLE "memberships" (
    "user_sid" TEXT NOT NULL,
    "organization_sid" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("user_sid","organization_sid")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "sid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "user_sid" TEXT NOT NULL,
    "organization_sid" TEXT NOT NULL,
    "account_sid" TEXT NOT NULL,
    "scopes" TEXT[],
    "secret_hash" BYTEA NOT NULL,
    "secret_sealed" BYTEA NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("sid")
);

-- CreateTable
CREATE TABLE "oauth_clients" (
    "client_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "organization_sid" TEXT NOT NULL,
    "user_sid" TEXT NOT NULL,
    "client_type" "client_type" NOT NULL,
    "token_endpoint_auth_method" TEXT NOT NULL,
    "application_type" TEXT NOT NULL DEFAULT 'web',
    "allowed_grant_types" TEXT[],
    "allowed_scopes" TEXT[],
    "allowed_resources" TEXT[],
    "redirect_uris" TEXT[],
    "require_pkce" BOOLEAN NOT NULL DEFAULT true,
    "jwks" JSONB,
    "logo_uri" TEXT,
    "tos_uri" TEXT,
    "policy_uri" TEXT,
    "standing" "standing" NOT NULL DEFAULT 'active',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "oauth_clients_pkey" PRIMARY KEY ("client_id")
);

-- CreateTable
CREATE TABLE "oauth_client_secrets" (
    "id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "oauth_client_secrets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resources" (
    "id" UUID NOT NULL,
    "identifier" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "organization_sid" TEXT,
    "token_format" "token_format" NOT NULL DEFAULT 'jwt',
    "signing_alg" TEXT NOT NULL DEFAULT 'ES256',
    "access_token_ttl" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "resources_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resource_scopes" (
    "resource_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,

    CONSTRAINT "resource_scopes_pkey" PRIMARY KEY ("resource_id","name")
);

-- CreateTable
CREATE TABLE "resource_introspectors" (
    "resource_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,

    CONSTRAINT "resource_introspectors_pkey" PRIMARY KEY ("resource_id","client_id")
);

-- CreateTable
CREATE TABLE "grants" (
    "id" UUID NOT NULL,
    "user_sid" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "organization_sid" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "grants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "families" (
    "id_hash" BYTEA NOT NULL,
    "grant_id" UUID,
    "payload_sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "families_pkey" PRIMARY KEY ("id_hash")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id_hash" BYTEA NOT NULL,
    "uid_hash" BYTEA NOT NULL,
    "user_sid" TEXT,
    "payload_sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id_hash")
);

-- CreateTable
CREATE TABLE "refresh_tokens" (
    "id_hash" BYTEA NOT NULL,
    "family_hash" BYTEA,
    "user_sid" TEXT,
    "client_id" TEXT NOT NULL,
    "organization_sid" TEXT,
    "session_uid_hash" BYTEA,
    "payload_sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "spent_at" TIMESTAMPTZ(3),
    "successor_hash" BYTEA,
    "successor_sealed" BYTEA,

    CONSTRAINT "refresh_tokens_pkey" PRIMARY KEY ("id_hash")
);

-- CreateTable
CREATE TABLE "replays" (
    "id_hash" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "replays_pkey" PRIMARY KEY ("id_hash")
);

-- CreateTable
CREATE TABLE "artifacts" (
    "kind" TEXT NOT NULL,
    "id_hash" BYTEA NOT NULL,
    "family_hash" BYTEA,
    "client_id" TEXT,
    "user_code_hash" BYTEA,
    "payload_sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "consumed_at" TIMESTAMPTZ(3),

    CONSTRAINT "artifacts_pkey" PRIMARY KEY ("kind","id_hash")
);

-- CreateTable
CREATE TABLE "revocations" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "revoked_before" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "revocations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_keys" (
    "kid" TEXT NOT NULL,
    "alg" TEXT NOT NULL,
    "public_jwk" JSONB NOT NULL,
    "private_sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "signs_from" TIMESTAMPTZ(3) NOT NULL,
    "signs_until" TIMESTAMPTZ(3),
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("kid")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "action" TEXT NOT NULL,
    "actor_type" TEXT NOT NULL,
    "actor_id" TEXT,
    "target_type" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "organization_sid" TEXT,
    "address" TEXT,
    "request_id" TEXT,
    "detail" JSONB,

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "organizations_parent_sid_idx" ON "organizations"("parent_sid");

-- CreateIndex
CREATE INDEX "organizations_created_at_sid_idx" ON "organizations"("created_at", "sid");

-- CreateIndex
CREATE INDEX "accounts_organization_sid_idx" ON "accounts"("organization_sid");

-- CreateIndex
CREATE INDEX "accounts_created_at_sid_idx" ON "accounts"("created_at", "sid");

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "users_created_at_sid_idx" ON "users"("created_at", "sid");

-- CreateIndex
CREATE INDEX "memberships_organization_sid_idx" ON "memberships"("organization_sid");

-- CreateIndex
CREATE INDEX "api_keys_organization_sid_idx" ON "api_keys"("organization_sid");

-- CreateIndex
CREATE INDEX "api_keys_account_sid_idx" ON "api_keys"("account_sid");

-- CreateIndex
CREATE INDEX "api_keys_user_sid_idx" ON "api_keys"("user_sid");

-- CreateIndex
CREATE INDEX "api_keys_created_at_sid_idx" ON "api_keys"("created_at", "sid");

-- CreateIndex
CREATE INDEX "oauth_clients_organization_sid_idx" ON "oauth_clients"("organization_sid");

-- CreateIndex
CREATE INDEX "oauth_clients_created_at_client_id_idx" ON "oauth_clients"("created_at", "client_id");

-- CreateIndex
CREATE INDEX "oauth_client_secrets_client_id_idx" ON "oauth_client_secrets"("client_id");

-- CreateIndex
CREATE UNIQUE INDEX "resources_identifier_key" ON "resources"("identifier");

-- CreateIndex
CREATE INDEX "resources_organization_sid_idx" ON "resources"("organization_sid");

-- CreateIndex
CREATE INDEX "resources_created_at_id_idx" ON "resources"("created_at", "id");

-- CreateIndex
CREATE INDEX "resource_introspectors_client_id_idx" ON "resource_introspectors"("client_id");

-- CreateIndex
CREATE INDEX "grants_client_id_idx" ON "grants"("client_id");

-- CreateIndex
CREATE INDEX "grants_created_at_id_idx" ON "grants"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "grants_user_sid_client_id_organization_sid_key" ON "grants"("user_sid", "client_id", "organization_sid");

-- CreateIndex
CREATE INDEX "families_grant_id_idx" ON "families"("grant_id");

-- CreateIndex
CREATE INDEX "families_expires_at_idx" ON "families"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_uid_hash_key" ON "sessions"("uid_hash");

-- CreateIndex
CREATE INDEX "sessions_user_sid_idx" ON "sessions"("user_sid");

-- CreateIndex
CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");

-- CreateIndex
CREATE INDEX "refresh_tokens_family_hash_idx" ON "refresh_tokens"("family_hash");

-- CreateIndex
CREATE INDEX "refresh_tokens_user_sid_idx" ON "refresh_tokens"("user_sid");

-- CreateIndex
CREATE INDEX "refresh_tokens_client_id_idx" ON "refresh_tokens"("client_id");

-- CreateIndex
CREATE INDEX "refresh_tokens_session_uid_hash_idx" ON "refresh_tokens"("session_uid_hash");

-- CreateIndex
CREATE INDEX "refresh_tokens_expires_at_idx" ON "refresh_tokens"("expires_at");

-- CreateIndex
CREATE INDEX "replays_expires_at_idx" ON "replays"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "artifacts_user_code_hash_key" ON "artifacts"("user_code_hash");

-- CreateIndex
CREATE INDEX "artifacts_family_hash_idx" ON "artifacts"("family_hash");

-- CreateIndex
CREATE INDEX "artifacts_client_id_idx" ON "artifacts"("client_id");

-- CreateIndex
CREATE INDEX "artifacts_expires_at_idx" ON "artifacts"("expires_at");

-- CreateIndex
CREATE INDEX "revocations_created_at_idx" ON "revocations"("created_at");

-- CreateIndex
CREATE INDEX "revocations_expires_at_idx" ON "revocations"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "revocations_kind_subject_key" ON "revocations"("kind", "subject");

-- CreateIndex
CREATE INDEX "signing_keys_alg_signs_from_idx" ON "signing_keys"("alg", "signs_from");

-- CreateIndex
CREATE INDEX "audit_events_organization_sid_id_idx" ON "audit_events"("organization_sid", "id");

-- CreateIndex
CREATE INDEX "audit_events_target_type_target_id_id_idx" ON "audit_events"("target_type", "target_id", "id");

-- AddForeignKey
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_parent_sid_fkey" FOREIGN KEY ("parent_sid") REFERENCES "organizations"("sid") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_organization_sid_fkey" FOREIGN KEY ("organization_sid") REFERENCES "organizations"("sid") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_sid_fkey" FOREIGN KEY ("user_sid") REFERENCES "users"("sid") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organization_sid_fkey" FOREIGN KEY ("organization_sid") REFERENCES "organizations"("sid") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_sid_fkey" FOREIGN KEY ("user_sid") REFERENCES "users"("sid") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organization_sid_fkey" FOREIGN KEY ("organization_sid") REFERENCES "organizations"("sid") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_account_sid_fkey" FOREIGN KEY ("account_sid") REFERENCES "accounts"("sid") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_clients" ADD CONSTRAINT "oauth_clients_organization_sid_fkey" FOREIGN KEY ("organization_sid") REFERENCES "organizations"("sid") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_clients" ADD CONSTRAINT "oauth_clients_user_sid_fkey" FOREIGN KEY ("user_sid") REFERENCES "users"("sid") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_client_secrets" ADD CONSTRAINT "oauth_client_secrets_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "oauth_clients"("client_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resources" ADD CONSTRAINT "resources_organization_sid_fkey" FOREIGN KEY ("organization_sid") REFERENCES "organizations"("sid") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_scopes" ADD CONSTRAINT "resource_scopes_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resources"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_introspectors" ADD CONSTRAINT "resource_introspectors_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resources"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_introspectors" ADD CONSTRAINT "resource_introspectors_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "oauth_clients"("client_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_user_sid_fkey" FOREIGN KEY ("user_sid") REFERENCES "users"("sid") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_client_id_fkey" FOREIGN KEY ("client_id") REFERENCES "oauth_clients"("client_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_organization_sid_fkey" FOREIGN KEY ("organization_sid") REFERENCES "organizations"("sid") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "families" ADD CONSTRAINT "families_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "grants"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Prisma does not model partial indexes: there is at most one demo organization, so two nodes cannot both seed it.
CREATE UNIQUE INDEX "organizations_one_demo" ON "organizations" ("demo") WHERE "demo";

-- Cache invalidation. A trigger cannot be forgotten by a writer, and NOTIFY is delivered at commit. The payload is
-- "<kind> <key>". The token path writes none of these tables, so issuing a token never notifies.
CREATE FUNCTION "countersign_notify_change"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kind text := TG_ARGV[0];
  key text := TG_ARGV[1];
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM pg_notify('countersign', kind || ' ' || (to_jsonb(OLD) ->> key));
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM pg_notify('countersign', kind || ' ' || (to_jsonb(NEW) ->> key));
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "organizations_notify" AFTER UPDATE OR DELETE ON "organizations"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('organization', 'sid');
CREATE TRIGGER "oauth_clients_notify" AFTER INSERT OR UPDATE OR DELETE ON "oauth_clients"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('client', 'client_id');
CREATE TRIGGER "oauth_client_secrets_notify" AFTER INSERT OR UPDATE OR DELETE ON "oauth_client_secrets"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('client', 'client_id');
CREATE TRIGGER "resources_notify" AFTER INSERT OR UPDATE OR DELETE ON "resources"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('resource', 'id');
CREATE TRIGGER "resource_scopes_notify" AFTER INSERT OR UPDATE OR DELETE ON "resource_scopes"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('resource', 'resource_id');
CREATE TRIGGER "resource_introspectors_notify" AFTER INSERT OR UPDATE OR DELETE ON "resource_introspectors"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('resource', 'resource_id');
CREATE TRIGGER "signing_keys_notify" AFTER INSERT OR UPDATE OR DELETE ON "signing_keys"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('key', 'kid');
