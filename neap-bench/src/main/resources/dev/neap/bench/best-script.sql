-- The best that we could write by hand for one partition, without capture, verification, resume or undo: what Neap's
-- speed is held against. Run once for each partition, on one connection, in autocommit. The names in braces are
-- replaced: {name} event_2024_01, {lower} and {upper} its bound.

CREATE TABLE work.{name} (LIKE bench.{name} INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING GENERATED INCLUDING STATISTICS);

-- Load first: an index that is there already costs more than one that is built afterwards.
INSERT INTO work.{name} (id, day, user_id, amount, kind, payload)
SELECT id, day, user_id, amount, upper(kind), payload FROM bench.{name};

ALTER TABLE work.{name} ADD CONSTRAINT {name}_pkey PRIMARY KEY (id, day);
CREATE INDEX {name}_user_id_idx ON work.{name} (user_id);

-- Proven now, so that ATTACH need not scan under its lock.
ALTER TABLE work.{name} ADD CONSTRAINT event_user_id_fkey FOREIGN KEY (user_id) REFERENCES bench.users NOT VALID;
ALTER TABLE work.{name} VALIDATE CONSTRAINT event_user_id_fkey;
ALTER TABLE work.{name} ADD CONSTRAINT bound CHECK (day IS NOT NULL AND day >= '{lower}' AND day < '{upper}') NOT VALID;
ALTER TABLE work.{name} VALIDATE CONSTRAINT bound;

VACUUM (ANALYZE) work.{name};

BEGIN;
ALTER TABLE bench.event DETACH PARTITION bench.{name};
ALTER TABLE bench.{name} SET SCHEMA old;
ALTER TABLE work.{name} SET SCHEMA bench;
ALTER TABLE bench.event ATTACH PARTITION bench.{name} FOR VALUES FROM ('{lower}') TO ('{upper}');
ALTER TABLE bench.{name} DROP CONSTRAINT bound;
COMMIT;
