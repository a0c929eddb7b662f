-- Several gateways: where each answers, and whose each room is. The rules of ledger-0001 hold here too: `shard` leads every
-- key, facts are appended.

-- What operators said of a gateway: under which address browsers reach it, and whether new rooms may be given to it.
CREATE TABLE gateway_facts (
  shard TEXT NOT NULL, gateway TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER,
  url TEXT NOT NULL CHECK (length(url) BETWEEN 1 AND 200), takes_rooms INTEGER NOT NULL CHECK (takes_rooms IN (0, 1)),
  actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, gateway, n),
  CHECK ((n = 1 AND prev_n IS NULL) OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1)),
  FOREIGN KEY (shard, gateway, prev_n) REFERENCES gateway_facts (shard, gateway, n)) STRICT;

-- To which gateway a room was given; a room without a row is anybody's, as long as there is one gateway. Each row names what
-- was known of the gateway, and the event by which gateways heard of it.
CREATE TABLE room_gateways (
  shard TEXT NOT NULL, room TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, before TEXT,
  gateway TEXT NOT NULL, known INTEGER NOT NULL, feed INTEGER NOT NULL, actor TEXT NOT NULL, at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, room, n), UNIQUE (shard, room, n, gateway),
  CHECK ((n = 1 AND prev_n IS NULL AND before IS NULL)
    OR (n > 1 AND prev_n IS NOT NULL AND before IS NOT NULL AND prev_n = n - 1)),
  CHECK (before IS NULL OR before <> gateway),
  FOREIGN KEY (shard, room) REFERENCES rooms (shard, room),
  FOREIGN KEY (shard, room, prev_n, before) REFERENCES room_gateways (shard, room, n, gateway),
  FOREIGN KEY (shard, gateway, known) REFERENCES gateway_facts (shard, gateway, n),
  FOREIGN KEY (shard, feed) REFERENCES feed (shard, sequence)) STRICT;

CREATE TRIGGER gateway_facts_stay BEFORE UPDATE ON gateway_facts BEGIN SELECT RAISE(ABORT, 'what was said of a gateway is a fact'); END;
CREATE TRIGGER gateway_facts_last BEFORE DELETE ON gateway_facts BEGIN SELECT RAISE(ABORT, 'what was said of a gateway is a fact'); END;
CREATE TRIGGER room_gateways_stay BEFORE UPDATE ON room_gateways BEGIN SELECT RAISE(ABORT, 'whose a room is was said'); END;
CREATE TRIGGER room_gateways_last BEFORE DELETE ON room_gateways BEGIN SELECT RAISE(ABORT, 'whose a room is was said'); END;
