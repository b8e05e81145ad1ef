-- Revocation: rows that stop counting revoke the tokens that hang on them, in the same transaction and whoever writes.

-- Every node hears of a revocation with all that it needs to know, so none has to read it back.
CREATE FUNCTION "countersign_notify_revocation"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('countersign', 'revocation ' || json_build_object(
    'kind', NEW.kind,
    'subject', NEW.subject,
    'revokedBefore', floor(extract(epoch FROM NEW.revoked_before) * 1000),
    'expiresAt', floor(extract(epoch FROM NEW.expires_at) * 1000)));
  RETURN NULL;
END $$;

CREATE TRIGGER "revocations_notify" AFTER INSERT OR UPDATE ON "revocations"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_revocation"();

CREATE FUNCTION "countersign_revoke"(what text, who text, before interval, kept interval) RETURNS void LANGUAGE sql AS $$
  INSERT INTO "revocations" AS r ("kind", "subject", "revoked_before", "expires_at")
  VALUES (what, who, clock_timestamp() + before, clock_timestamp() + kept)
  ON CONFLICT ("kind", "subject") DO UPDATE SET
    "revoked_before" = greatest(r."revoked_before", excluded."revoked_before"),
    "expires_at" = greatest(r."expires_at", excluded."expires_at"),
    "created_at" = now()
$$;

-- What is gone or revoked never counts again, and is remembered for as long as an access token may live: 24 hours, and
-- an hour on top for clocks that differ. What is suspended may come back: its tokens up to this moment are revoked, and
-- those of the next five seconds, in which a node that has not heard of it yet may still issue some. It is remembered for
-- as long as a refresh token may live, 180 days, and a day on top.
CREATE FUNCTION "countersign_revoke_on_end"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "countersign_revoke"(TG_ARGV[0], to_jsonb(OLD) ->> TG_ARGV[1], '25 hours', '25 hours');
  RETURN NULL;
END $$;

CREATE FUNCTION "countersign_revoke_on_suspension"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "countersign_revoke"(TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[1], '5 seconds', '181 days');
  RETURN NULL;
END $$;

CREATE TRIGGER "oauth_clients_end" AFTER DELETE ON "oauth_clients"
  FOR EACH ROW EXECUTE FUNCTION "countersign_revoke_on_end"('client', 'client_id');
CREATE TRIGGER "oauth_clients_suspension" AFTER UPDATE ON "oauth_clients"
  FOR EACH ROW WHEN (OLD."standing" = 'active' AND NEW."standing" = 'suspended')
  EXECUTE FUNCTION "countersign_revoke_on_suspension"('client', 'client_id');

CREATE TRIGGER "users_end" AFTER DELETE ON "users"
  FOR EACH ROW EXECUTE FUNCTION "countersign_revoke_on_end"('user', 'sid');
CREATE TRIGGER "users_suspension" AFTER UPDATE ON "users"
  FOR EACH ROW WHEN (OLD."standing" = 'active' AND NEW."standing" = 'suspended')
  EXECUTE FUNCTION "countersign_revoke_on_suspension"('user', 'sid');

CREATE TRIGGER "accounts_end" AFTER DELETE ON "accounts"
  FOR EACH ROW EXECUTE FUNCTION "countersign_revoke_on_end"('account', 'sid');
CREATE TRIGGER "accounts_suspension" AFTER UPDATE ON "accounts"
  FOR EACH ROW WHEN (OLD."standing" = 'active' AND NEW."standing" = 'suspended')
  EXECUTE FUNCTION "countersign_revoke_on_suspension"('account', 'sid');

CREATE TRIGGER "api_keys_end" AFTER DELETE ON "api_keys"
  FOR EACH ROW EXECUTE FUNCTION "countersign_revoke_on_end"('api_key', 'sid');
CREATE TRIGGER "api_keys_revoked" AFTER UPDATE ON "api_keys"
  FOR EACH ROW WHEN (OLD."revoked_at" IS NULL AND NEW."revoked_at" IS NOT NULL)
  EXECUTE FUNCTION "countersign_revoke_on_end"('api_key', 'sid');

CREATE TRIGGER "organizations_end" AFTER DELETE ON "organizations"
  FOR EACH ROW EXECUTE FUNCTION "countersign_revoke_on_end"('organization', 'sid');

-- An organization takes those beneath it along, and their clients leave the caches whenever its standing changes.
CREATE FUNCTION "countersign_organization_standing"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  beneath text;
BEGIN
  FOR beneath IN
    WITH RECURSIVE tree AS (
      SELECT NEW."sid"
      UNION
      SELECT o."sid" FROM "organizations" o JOIN tree t ON o."parent_sid" = t."sid"
    ) SELECT "sid" FROM tree
  LOOP
    PERFORM pg_notify('countersign', 'organization ' || beneath);
    IF NEW."standing" = 'suspended' THEN
      PERFORM "countersign_revoke"('organization', beneath, '5 seconds', '181 days');
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

CREATE TRIGGER "organizations_standing" AFTER UPDATE ON "organizations"
  FOR EACH ROW WHEN (OLD."standing" IS DISTINCT FROM NEW."standing")
  EXECUTE FUNCTION "countersign_organization_standing"();

-- A family that is revoked takes its access tokens along. The sweep deletes families that have expired, with all theirs.
CREATE FUNCTION "countersign_revoke_family"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "countersign_revoke"('family', encode(NEW."id_hash", 'hex'), '25 hours', '25 hours');
  RETURN NULL;
END $$;

CREATE TRIGGER "families_revoked" AFTER UPDATE ON "families"
  FOR EACH ROW WHEN (OLD."revoked_at" IS NULL AND NEW."revoked_at" IS NOT NULL)
  EXECUTE FUNCTION "countersign_revoke_family"();

-- Deleting a consent record ends its families. Where it goes along with its client, user or organization, their own
-- revocation covers all of them at once, however many there are.
CREATE FUNCTION "countersign_end_grant"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() = 1 THEN
    UPDATE "families" SET "revoked_at" = now() WHERE "grant_id" = OLD."id" AND "revoked_at" IS NULL;
  END IF;
  RETURN OLD;
END $$;

CREATE TRIGGER "grants_end" BEFORE DELETE ON "grants"
  FOR EACH ROW EXECUTE FUNCTION "countersign_end_grant"();

-- What else the nodes keep in memory.
CREATE TRIGGER "api_keys_notify" AFTER UPDATE OR DELETE ON "api_keys"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('api_key', 'sid');
CREATE TRIGGER "accounts_notify" AFTER UPDATE OR DELETE ON "accounts"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('account', 'sid');
CREATE TRIGGER "users_notify" AFTER UPDATE OR DELETE ON "users"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('user', 'sid');
