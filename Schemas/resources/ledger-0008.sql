-- What goes out: facts for other systems, and where they are to be delivered.

-- One row a fact, in the order in which they were committed: the outbox of webhooks, and the answer to whoever asks for
-- events. Ids and amounts, nothing of a person. `host` is who may hear of it besides the platform; a row with an
-- endpoint is for that endpoint alone.
CREATE TABLE outbox (
  shard TEXT NOT NULL, sequence INTEGER NOT NULL CHECK (sequence > 0), kind TEXT NOT NULL, subject TEXT NOT NULL,
  host TEXT, endpoint TEXT, body TEXT NOT NULL, at_us INTEGER NOT NULL, PRIMARY KEY (shard, sequence),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host)) STRICT;
CREATE INDEX outbox_by_host ON outbox (shard, host, sequence) WHERE host IS NOT NULL;

-- Where events are sent. No secret is here: each is derived from a key file, the endpoint's id and a number.
CREATE TABLE webhooks (
  shard TEXT NOT NULL, webhook TEXT NOT NULL, host TEXT, url TEXT NOT NULL CHECK (length(url) BETWEEN 1 AND 500),
  kinds TEXT NOT NULL, created_us INTEGER NOT NULL, created_by TEXT NOT NULL, PRIMARY KEY (shard, webhook),
  FOREIGN KEY (shard, host) REFERENCES hosts (shard, host)) STRICT;

-- The states of an endpoint; the last row holds. Each row names the state before it, so that only the moves of the
-- diagram can be stored. `secret` is the number of the signing secret, which never goes back; the one before signs as
-- well until `overlap_us`. `key_print` says from which key file it is derived.
CREATE TABLE webhook_facts (
  shard TEXT NOT NULL, webhook TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), prev_n INTEGER, prev_state TEXT,
  prev_secret INTEGER, state TEXT NOT NULL, reason TEXT NOT NULL, secret INTEGER NOT NULL CHECK (secret > 0),
  overlap_us INTEGER, key_print TEXT NOT NULL CHECK (length(key_print) = 16), actor TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (shard, webhook, n), UNIQUE (shard, webhook, n, state, secret),
  CHECK ((n = 1 AND prev_n IS NULL AND prev_state IS NULL AND prev_secret IS NULL AND state = 'enabled' AND secret = 1)
    OR (n > 1 AND prev_n IS NOT NULL AND prev_n = n - 1 AND prev_state IS NOT NULL AND prev_secret IS NOT NULL
      AND prev_secret <= secret AND secret <= prev_secret + 1
      AND ((prev_state = 'enabled' AND state IN ('enabled', 'disabled', 'paused', 'removed'))
        OR (prev_state = 'disabled' AND state IN ('disabled', 'enabled', 'removed'))
        OR (prev_state = 'paused' AND state IN ('paused', 'disabled', 'enabled', 'removed'))))),
  CHECK (overlap_us IS NULL OR secret > 1),
  FOREIGN KEY (shard, webhook) REFERENCES webhooks (shard, webhook),
  FOREIGN KEY (shard, webhook, prev_n, prev_state, prev_secret)
    REFERENCES webhook_facts (shard, webhook, n, state, secret)) STRICT;

-- How far an endpoint has got: a row that moves. Whoever holds the lease delivers; a replay takes it away.
CREATE TABLE webhook_progress (
  shard TEXT NOT NULL, webhook TEXT NOT NULL, sequence INTEGER NOT NULL CHECK (sequence >= 0),
  failures INTEGER NOT NULL CHECK (failures >= 0), failing_us INTEGER, next_us INTEGER NOT NULL, lease TEXT NOT NULL,
  lease_us INTEGER NOT NULL, PRIMARY KEY (shard, webhook), CHECK ((failures = 0) = (failing_us IS NULL)),
  FOREIGN KEY (shard, webhook) REFERENCES webhooks (shard, webhook)) STRICT;

-- The last attempts of each endpoint; older ones are removed.
CREATE TABLE webhook_attempts (
  shard TEXT NOT NULL, webhook TEXT NOT NULL, n INTEGER NOT NULL CHECK (n > 0), sequence INTEGER NOT NULL,
  attempt INTEGER NOT NULL CHECK (attempt > 0), status INTEGER, outcome TEXT NOT NULL, at_us INTEGER NOT NULL,
  took_us INTEGER NOT NULL, PRIMARY KEY (shard, webhook, n),
  FOREIGN KEY (shard, webhook) REFERENCES webhooks (shard, webhook)) STRICT;

CREATE TRIGGER outbox_stay BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'events are facts'); END;
CREATE TRIGGER outbox_last BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'events are facts'); END;
CREATE TRIGGER webhook_facts_stay BEFORE UPDATE ON webhook_facts BEGIN SELECT RAISE(ABORT, 'facts of a webhook are facts'); END;
CREATE TRIGGER webhook_facts_last BEFORE DELETE ON webhook_facts BEGIN SELECT RAISE(ABORT, 'facts of a webhook are facts'); END;
