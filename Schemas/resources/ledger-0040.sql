-- Payments of which nobody has told yet how they end, and when their provider is asked next: events are late now and then, or
-- lost, and no buyer's ticket hangs on them. Derived: charges that are open or being processed, or of which money is on its way
-- back; but no manual ones, after which nobody can be asked. The rules of ledger-0001 hold here too.
CREATE TABLE due_asks (
  shard TEXT NOT NULL, charge TEXT NOT NULL, due_us INTEGER NOT NULL, tries INTEGER NOT NULL CHECK (tries >= 0),
  asked_us INTEGER, PRIMARY KEY (shard, charge),
  FOREIGN KEY (shard, charge) REFERENCES charges (shard, charge)) STRICT;
CREATE INDEX due_asks_in_order ON due_asks (shard, due_us, charge);

INSERT INTO due_asks (shard, charge, due_us, tries)
SELECT c.shard, c.charge, c.created_us, 0 FROM charges c JOIN charge_facts f ON f.shard = c.shard AND f.charge = c.charge
  AND f.n = (SELECT max(n) FROM charge_facts m WHERE m.shard = c.shard AND m.charge = c.charge)
WHERE c.provider <> 'manual' AND (f.state IN ('open', 'processing') OR EXISTS (SELECT 1 FROM repayments r
  JOIN repayment_facts g ON g.shard = r.shard AND g.repayment = r.repayment
    AND g.n = (SELECT max(n) FROM repayment_facts m WHERE m.shard = r.shard AND m.repayment = r.repayment)
  WHERE r.shard = c.shard AND r.charge = c.charge AND g.state = 'pending'));
