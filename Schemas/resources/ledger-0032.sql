-- Ways to look things up without reading all that ever was: what an order gave for disputes, the lines of a batch, and owners
-- whose brackets a night moved. The first and the last replace indexes that were not enough by themselves.
DROP INDEX dispute_orders_by_order;
CREATE INDEX dispute_orders_by_order ON dispute_orders (shard, order_id, provider, dispute);
CREATE INDEX payout_lines_by_batch ON payout_lines (shard, batch, host, currency, amount);
DROP INDEX tier_use_by_day;
CREATE INDEX tier_use_by_day ON tier_use (shard, day, host, currency);
