-- What is owed and not paid, by payee: the accruals that no batch has paid, with what a night asks of them, so that it
-- adds up and pays a payee with one statement each. Derived from accruals and payout lines; takes the place of `unpaid`,
-- which had to be joined with all accruals.
CREATE TABLE owed (
  shard TEXT NOT NULL, host TEXT NOT NULL, currency TEXT NOT NULL, accrual TEXT NOT NULL, amount INTEGER NOT NULL,
  available_on TEXT NOT NULL, accrued_on TEXT NOT NULL, PRIMARY KEY (shard, host, currency, accrual),
  FOREIGN KEY (shard, accrual, host, currency, amount)
    REFERENCES accruals (shard, accrual, host, currency, amount)) STRICT, WITHOUT ROWID;

INSERT INTO owed (shard, host, currency, accrual, amount, available_on, accrued_on)
SELECT a.shard, a.host, a.currency, a.accrual, a.amount, a.available_on, a.accrued_on
FROM unpaid u JOIN accruals a ON a.shard = u.shard AND a.accrual = u.accrual;

DROP TABLE unpaid;

-- The register is kept by night; a payee's last row in it is asked for as well.
CREATE INDEX carried_by_payee ON carried (shard, host, currency, day);
