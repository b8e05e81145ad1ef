-- What the issuer of AccessTokens needs: what a key may mint, the public keys of accounts, and whether an account wants
-- its calls signed.

-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "require_validation" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN     "token_policy" JSONB;

-- CreateTable
CREATE TABLE "public_keys" (
    "sid" TEXT NOT NULL,
    "account_sid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "public_keys_pkey" PRIMARY KEY ("sid")
);

-- CreateIndex
CREATE UNIQUE INDEX "public_keys_account_sid_fingerprint_key" ON "public_keys"("account_sid", "fingerprint");

-- CreateIndex
CREATE INDEX "public_keys_created_at_sid_idx" ON "public_keys"("created_at", "sid");

-- AddForeignKey
ALTER TABLE "public_keys" ADD CONSTRAINT "public_keys_account_sid_fkey" FOREIGN KEY ("account_sid") REFERENCES "accounts"("sid") ON DELETE CASCADE ON UPDATE CASCADE;

-- The nodes keep an account together with its public keys.
CREATE TRIGGER "public_keys_notify" AFTER INSERT OR UPDATE OR DELETE ON "public_keys"
  FOR EACH ROW EXECUTE FUNCTION "countersign_notify_change"('account', 'account_sid');
