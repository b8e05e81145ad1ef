-- When something was last used is forgotten with it: with the client or the API key, which ends by revocation too.

CREATE FUNCTION "countersign_forget_use"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "last_uses" WHERE "kind" = TG_ARGV[0] AND "id" = to_jsonb(OLD) ->> TG_ARGV[1];
  RETURN NULL;
END $$;

CREATE TRIGGER "oauth_clients_forget_use" AFTER DELETE ON "oauth_clients"
  FOR EACH ROW EXECUTE FUNCTION "countersign_forget_use"('client', 'client_id');
CREATE TRIGGER "api_keys_forget_use" AFTER DELETE ON "api_keys"
  FOR EACH ROW EXECUTE FUNCTION "countersign_forget_use"('api_key', 'sid');
CREATE TRIGGER "api_keys_revoked_forget_use" AFTER UPDATE OF "revoked_at" ON "api_keys"
  FOR EACH ROW WHEN (OLD."revoked_at" IS NULL AND NEW."revoked_at" IS NOT NULL)
  EXECUTE FUNCTION "countersign_forget_use"('api_key', 'sid');

-- What such ends have left.
DELETE FROM "last_uses" u WHERE
  (u."kind" = 'client' AND NOT EXISTS (SELECT FROM "oauth_clients" c WHERE c."client_id" = u."id"))
  OR (u."kind" = 'api_key' AND NOT EXISTS (
    SELECT FROM "api_keys" k WHERE k."sid" = u."id" AND k."revoked_at" IS NULL));
