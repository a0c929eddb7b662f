-- Payments through a provider that fill a wallet instead of paying held seats: passes, longer tickets and tips are paid from
-- there. Such a payment has no purchase; what it brought, 'tickets' of no hold, stands in the wallet that is named here. The
-- rules of ledger-0001 hold here too.
ALTER TABLE charges ALTER COLUMN purchase DROP NOT NULL;
ALTER TABLE hold_payments ALTER COLUMN purchase DROP NOT NULL;

-- Whose wallet a payment fills, and from the page of which room or series the payer came, who is sent back there.
CREATE TABLE topup_charges (
  shard TEXT NOT NULL, charge TEXT NOT NULL, holder TEXT NOT NULL, room TEXT, series TEXT,
  PRIMARY KEY (shard, charge), CHECK (room IS NULL OR series IS NULL),
  FOREIGN KEY (shard, charge) REFERENCES charges (shard, charge),
  FOREIGN KEY (shard, holder) REFERENCES wallets (shard, holder),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room),
  FOREIGN KEY (shard, series) REFERENCES series (shard, series)) STRICT;

CREATE TRIGGER topup_charges_stay BEFORE UPDATE ON topup_charges BEGIN SELECT RAISE(ABORT, 'whom a payment is for is a fact'); END;
CREATE TRIGGER topup_charges_last BEFORE DELETE ON topup_charges BEGIN SELECT RAISE(ABORT, 'whom a payment is for is a fact'); END;
