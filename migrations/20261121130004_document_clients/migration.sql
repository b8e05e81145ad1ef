-- The id of a client that is known by its metadata document is a URL, under which it may come back after it was deleted.
-- So its end revokes what it got up to this moment, and within the next five seconds, in which a node that has not heard
-- of it yet may still issue something. Whatever else is gone never counts again.

CREATE FUNCTION "countersign_end_document_client"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "countersign_revoke"('client', OLD."client_id", '5 seconds', '25 hours');
  RETURN NULL;
END $$;

DROP TRIGGER "oauth_clients_end" ON "oauth_clients";
CREATE TRIGGER "oauth_clients_end" AFTER DELETE ON "oauth_clients"
  FOR EACH ROW WHEN (OLD."origin" <> 'document')
  EXECUTE FUNCTION "countersign_revoke_on_end"('client', 'client_id');
CREATE TRIGGER "oauth_clients_document_end" AFTER DELETE ON "oauth_clients"
  FOR EACH ROW WHEN (OLD."origin" = 'document')
  EXECUTE FUNCTION "countersign_end_document_client"();
