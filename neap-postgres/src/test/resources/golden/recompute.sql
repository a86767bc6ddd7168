-- shadow
CREATE TABLE neap_work_0.events_2 (
    day date CONSTRAINT events_day_not_null NOT NULL,
    user_id integer,
    id bigint CONSTRAINT events_id_not_null NOT NULL,
    revenue numeric(12,2)
) USING heap TABLESPACE pg_default;
ALTER TABLE neap_work_0.events_2 OWNER TO postgres;

-- capture
CREATE SEQUENCE IF NOT EXISTS neap.changes_0_seq NO CYCLE;
CREATE TABLE IF NOT EXISTS neap.changes_0 (seq bigint PRIMARY KEY, op "char" NOT NULL, neap_k0 date, neap_k1 bigint);
CREATE OR REPLACE FUNCTION neap.capture_0() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $neap$
DECLARE
    n bigint;
BEGIN
    -- Sequences are the same for every snapshot: an old transaction sees that the switch was renewed.
    IF (SELECT last_value FROM neap.alive_until_0) <= extract(epoch FROM clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    n := nextval('neap.changes_0_seq');
    IF n > 1000000 THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO neap.changes_0 (seq, op) VALUES (n, 'T');
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO neap.changes_0 VALUES (n, 'I', NEW.day, NEW.id);
        RETURN NULL;
    END IF;
    INSERT INTO neap.changes_0 VALUES (n, 'D', OLD.day, OLD.id);
    IF TG_OP = 'UPDATE' AND (OLD.day IS DISTINCT FROM NEW.day OR OLD.id IS DISTINCT FROM NEW.id) THEN
        INSERT INTO neap.changes_0 VALUES (nextval('neap.changes_0_seq'), 'I', NEW.day, NEW.id);
    END IF;
    RETURN NULL;
END
$neap$;
CREATE TRIGGER neap_capture_0 AFTER INSERT OR UPDATE OR DELETE ON "public"."events_2" FOR EACH ROW EXECUTE FUNCTION neap.capture_0();
CREATE TRIGGER neap_capture_0_truncate AFTER TRUNCATE ON "public"."events_2" FOR EACH STATEMENT EXECUTE FUNCTION neap.capture_0();
ALTER TABLE "public"."events_2" ENABLE ALWAYS TRIGGER neap_capture_0, ENABLE ALWAYS TRIGGER neap_capture_0_truncate;
CREATE SEQUENCE IF NOT EXISTS neap.sources_0_seq NO CYCLE;
CREATE TABLE IF NOT EXISTS neap.sources_0 (xid xid8 PRIMARY KEY, relation oid NOT NULL);
CREATE OR REPLACE FUNCTION neap.source_0() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $neap$
BEGIN
    IF (SELECT last_value FROM neap.alive_until_0) <= extract(epoch FROM clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    IF nextval('neap.sources_0_seq') > 1000000 THEN
        RETURN NULL;
    END IF;
    INSERT INTO neap.sources_0 VALUES (pg_current_xact_id(), TG_RELID) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$neap$;
DROP TRIGGER IF EXISTS "neap_source_0" ON public.fx;
DROP TRIGGER IF EXISTS "neap_source_0_replica" ON public.fx;
CREATE TRIGGER "neap_source_0" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.fx FOR EACH STATEMENT EXECUTE FUNCTION neap.source_0();
CREATE TRIGGER "neap_source_0_replica" AFTER INSERT OR UPDATE OR DELETE ON public.fx FOR EACH ROW EXECUTE FUNCTION neap.source_0();
ALTER TABLE public.fx ENABLE ALWAYS TRIGGER "neap_source_0", ENABLE REPLICA TRIGGER "neap_source_0_replica";
DROP TRIGGER IF EXISTS "neap_source_0" ON public.raw_2025;
DROP TRIGGER IF EXISTS "neap_source_0_replica" ON public.raw_2025;
CREATE TRIGGER "neap_source_0" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.raw_2025 FOR EACH STATEMENT EXECUTE FUNCTION neap.source_0();
CREATE TRIGGER "neap_source_0_replica" AFTER INSERT OR UPDATE OR DELETE ON public.raw_2025 FOR EACH ROW EXECUTE FUNCTION neap.source_0();
ALTER TABLE public.raw_2025 ENABLE ALWAYS TRIGGER "neap_source_0", ENABLE REPLICA TRIGGER "neap_source_0_replica";
DROP TRIGGER IF EXISTS "neap_source_0" ON public.raw_2026;
DROP TRIGGER IF EXISTS "neap_source_0_replica" ON public.raw_2026;
CREATE TRIGGER "neap_source_0" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.raw_2026 FOR EACH STATEMENT EXECUTE FUNCTION neap.source_0();
CREATE TRIGGER "neap_source_0_replica" AFTER INSERT OR UPDATE OR DELETE ON public.raw_2026 FOR EACH ROW EXECUTE FUNCTION neap.source_0();
ALTER TABLE public.raw_2026 ENABLE ALWAYS TRIGGER "neap_source_0", ENABLE REPLICA TRIGGER "neap_source_0_replica";
DROP TRIGGER IF EXISTS "neap_source_0" ON public.raw_events;
DROP TRIGGER IF EXISTS "neap_source_0_replica" ON public.raw_events;
CREATE TRIGGER "neap_source_0" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.raw_events FOR EACH STATEMENT EXECUTE FUNCTION neap.source_0();
ALTER TABLE public.raw_events ENABLE ALWAYS TRIGGER "neap_source_0";

-- load
INSERT INTO "neap_work_0"."events_2" ("day", "user_id", "id", "revenue") OVERRIDING SYSTEM VALUE
SELECT neap_source."day", neap_source."user_id", neap_source."id", neap_source."revenue"
FROM (SELECT r.id, r.day, r.user_id, r.amount * fx.rate AS revenue
FROM raw_events r JOIN fx USING (currency, day)
WHERE r.day >= CAST('2026-01-02' AS date) AND r.day < CAST('2026-01-03' AS date)
) AS neap_source;
INSERT INTO "neap_work_0"."events_2" ("day", "user_id", "id", "revenue") OVERRIDING SYSTEM VALUE
SELECT live."day", live."user_id", live."id", live."revenue"
FROM ONLY "public"."events_2" AS live
WHERE NOT EXISTS (SELECT FROM ONLY "neap_work_0"."events_2" AS shadow WHERE live.day = shadow.day AND live.id = shadow.id);

-- index
SET LOCAL default_tablespace = '';
CREATE UNIQUE INDEX events_2_pkey ON neap_work_0.events_2 USING btree (day, id);
ALTER TABLE neap_work_0.events_2 ADD CONSTRAINT events_2_pkey PRIMARY KEY USING INDEX events_2_pkey;
SET LOCAL default_tablespace = '';
CREATE INDEX events_2_user_id_idx ON neap_work_0.events_2 USING btree (user_id);
ALTER TABLE neap_work_0.events_2 ADD CONSTRAINT neap_bound_OID CHECK (((day IS NOT NULL) AND (day >= '2026-01-02'::date) AND (day < '2026-01-03'::date))) NOT VALID;
ALTER TABLE neap_work_0.events_2 VALIDATE CONSTRAINT neap_bound_OID;
VACUUM (ANALYZE, SKIP_DATABASE_STATS) "neap_work_0"."events_2";

-- verify
WITH again AS MATERIALIZED (SELECT CAST("day" AS date) AS "day", CAST("user_id" AS integer) AS "user_id", CAST("id" AS bigint) AS "id", CAST("revenue" AS numeric(12,2)) AS "revenue" FROM (SELECT neap_source."day", neap_source."user_id", neap_source."id", neap_source."revenue" FROM (SELECT r.id, r.day, r.user_id, r.amount * fx.rate AS revenue
FROM raw_events r JOIN fx USING (currency, day)
WHERE r.day >= CAST('2026-01-02' AS date) AND r.day < CAST('2026-01-03' AS date)
) AS neap_source) AS once_more), kept AS (SELECT live."day", live."user_id", live."id", live."revenue" FROM ONLY "public"."events_2" AS live WHERE NOT EXISTS (SELECT FROM again WHERE live.day = again.day AND live.id = again.id)), expected AS (SELECT * FROM again UNION ALL SELECT * FROM kept)
SELECT CASE WHEN more > 0 THEN 1 ELSE 2 END, sum(abs(more))::bigint FROM (
SELECT coalesce(expected.copies, 0) - coalesce(shadow.copies, 0) AS more FROM (SELECT sha256(convert_to(ROW(expected."day", expected."user_id", expected."id", expected."revenue")::text, 'UTF8')) AS words, count(*) AS copies FROM expected AS expected GROUP BY 1) AS expected
FULL JOIN (SELECT sha256(convert_to(ROW(shadow."day", shadow."user_id", shadow."id", shadow."revenue")::text, 'UTF8')) AS words, count(*) AS copies FROM ONLY "neap_work_0"."events_2" AS shadow GROUP BY 1) AS shadow USING (words)) AS compared
WHERE more <> 0 GROUP BY 1 ORDER BY 1;

-- swap
LOCK TABLE "public"."fx" IN SHARE MODE;
LOCK TABLE "public"."raw_events" IN SHARE MODE;
LOCK TABLE ONLY public.events IN ACCESS EXCLUSIVE MODE;
LOCK TABLE public.events_2 IN ACCESS EXCLUSIVE MODE;
LOCK TABLE neap_work_0.events_2 IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER IF EXISTS neap_capture_0 ON "public"."events_2";
DROP TRIGGER IF EXISTS neap_capture_0_truncate ON "public"."events_2";
ALTER TABLE public.events DETACH PARTITION public.events_2;
ALTER TABLE public.events_2 SET SCHEMA neap_kept_0;
ALTER TABLE neap_work_0.events_2 SET SCHEMA public;
ALTER TABLE public.events ATTACH PARTITION public.events_2 FOR VALUES FROM ('2026-01-02') TO ('2026-01-03');
ALTER TABLE public.events_2 DROP CONSTRAINT neap_bound_OID;
CREATE TRIGGER neap_undo_0 AFTER INSERT OR UPDATE OR DELETE ON "public"."events_2" FOR EACH ROW EXECUTE FUNCTION neap.undo_0();
CREATE TRIGGER neap_undo_0_truncate AFTER TRUNCATE ON "public"."events_2" FOR EACH STATEMENT EXECUTE FUNCTION neap.undo_0();
ALTER TABLE "public"."events_2" ENABLE ALWAYS TRIGGER neap_undo_0, ENABLE ALWAYS TRIGGER neap_undo_0_truncate;
