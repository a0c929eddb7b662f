-- Payments whose end nobody has told yet, and when their provider is asked next how they stand: events are late now and then, or
-- lost, and no buyer's ticket hangs on them. Derived: charges that are open or being processed, but for manual ones, which
-- nobody can be asked after. The rules of ledger-0001 hold here too.
CREATE TABLE due_asks (
  shard TEXT NOT NULL, charge TEXT NOT NULL, due_us INTEGER NOT NULL, tries INTEGER NOT NULL CHECK (tries >= 0),
  asked_us INTEGER, PRIMARY KEY (shard, charge),
  FOREIGN KEY (shard, charge) REFERENCES charges (shard, charge)) STRICT;
CREATE INDEX due_asks_in_order ON due_asks (shard, due_us, charge);

INSERT INTO due_asks (shard, charge, due_us, tries)
SELECT c.shard, c.charge, c.created_us, 0 FROM charges c JOIN charge_facts f ON f.shard = c.shard AND f.charge = c.charge
  AND f.n = (SELECT max(n) FROM charge_facts m WHERE m.shard = c.shard AND m.charge = c.charge)
WHERE c.provider <> 'manual' AND f.state IN ('open', 'processing');
