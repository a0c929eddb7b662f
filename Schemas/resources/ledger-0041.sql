-- The last payouts of a host in a currency, with what they paid: whoever approves a batch compares each item with them. With
-- the amounts in it the index is chosen by itself; without them SQLite read the payouts of all hosts backwards, day by day.
DROP INDEX payout_items_by_host;
CREATE INDEX payout_items_by_host ON payout_items (shard, host, currency, batch, net);
