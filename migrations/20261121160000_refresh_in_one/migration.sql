-- A plain refresh is one statement: what it decides on stands in columns, so that nothing has to be opened for it. They
-- hold identifiers, names of scopes and moments, no secret. Of what was stored before, and of what is not plain, they are
-- null, and it is refreshed as it was.

-- AlterTable
ALTER TABLE "refresh_tokens"
  ADD COLUMN "resource" TEXT,
  ADD COLUMN "scope" TEXT,
  ADD COLUMN "iat" BIGINT,
  ADD COLUMN "exp" BIGINT,
  ADD COLUMN "iiat" BIGINT,
  ADD COLUMN "rotations" INTEGER;

-- DropIndex: nobody asks for refresh tokens so. A family ends in its own row, and the index cost a rotation an entry.
DROP INDEX "refresh_tokens_family_hash_idx";
