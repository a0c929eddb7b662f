-- Receipts by room, those of the stage apart: what a room's report and its delivery are read from. Derived from receipts.
CREATE TABLE room_receipts (
  shard TEXT NOT NULL, room TEXT NOT NULL, stage INTEGER NOT NULL CHECK (stage IN (0, 1)), number INTEGER NOT NULL,
  PRIMARY KEY (shard, room, stage, number),
  FOREIGN KEY (shard, number) REFERENCES receipts (shard, number)) STRICT, WITHOUT ROWID;

INSERT INTO room_receipts (shard, room, stage, number)
SELECT shard, substr(body, instr(body, '"room":"room_') + 8, 31),
  CASE WHEN body LIKE '%"role":"listener"%' THEN 0 ELSE 1 END, number FROM receipts;

-- How much of the time that a room had promised was held, decided once, in the night after its end; `last_receipt` is the
-- last receipt of the house that was looked at. Rooms whose terms promise nothing of the kind have none.
CREATE TABLE deliveries (
  shard TEXT NOT NULL, room TEXT NOT NULL, night TEXT NOT NULL, last_receipt INTEGER NOT NULL CHECK (last_receipt >= 0),
  from_us INTEGER NOT NULL, to_us INTEGER NOT NULL, promised_s INTEGER NOT NULL CHECK (promised_s > 0),
  delivered_s INTEGER NOT NULL, whole_bp INTEGER NOT NULL, is_whole INTEGER NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, room),
  CHECK (delivered_s >= 0 AND delivered_s <= promised_s), CHECK (whole_bp >= 1 AND whole_bp <= 10000),
  CHECK ((is_whole = 1 AND delivered_s * 10000 / promised_s >= whole_bp)
    OR (is_whole = 0 AND delivered_s * 10000 / promised_s < whole_bp)),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room),
  FOREIGN KEY (shard, night) REFERENCES nights (shard, day)) STRICT;

-- What each order of a room that was held in part got back, and each extension of a metered room, which has its own
-- promised time; without a refund where nothing was due or left. Nothing of such an order is released without its row.
CREATE TABLE delivery_orders (
  shard TEXT NOT NULL, order_id TEXT NOT NULL, room TEXT NOT NULL,
  promised_s INTEGER NOT NULL, delivered_s INTEGER NOT NULL, refund TEXT, amount INTEGER NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (shard, order_id), UNIQUE (shard, refund), CHECK ((amount = 0) = (refund IS NULL)),
  CHECK (promised_s > 0 AND delivered_s >= 0 AND delivered_s <= promised_s),
  FOREIGN KEY (shard, room) REFERENCES deliveries (shard, room),
  FOREIGN KEY (shard, order_id) REFERENCES orders (shard, order_id),
  FOREIGN KEY (shard, refund) REFERENCES order_reversals (shard, refund)) STRICT;
CREATE INDEX delivery_orders_by_room ON delivery_orders (shard, room, order_id);

CREATE TRIGGER deliveries_stay BEFORE UPDATE ON deliveries BEGIN SELECT RAISE(ABORT, 'deliveries are facts'); END;
CREATE TRIGGER deliveries_last BEFORE DELETE ON deliveries BEGIN SELECT RAISE(ABORT, 'deliveries are facts'); END;
CREATE TRIGGER delivery_orders_stay BEFORE UPDATE ON delivery_orders BEGIN SELECT RAISE(ABORT, 'deliveries are facts'); END;
CREATE TRIGGER delivery_orders_last BEFORE DELETE ON delivery_orders BEGIN SELECT RAISE(ABORT, 'deliveries are facts'); END;
