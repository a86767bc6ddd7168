-- What the commits write that are timed, to tell how long the application's take. A sequence leaves no dead rows, and no
-- reader of a logical slot is sent it.
CREATE SEQUENCE neap.timed_commit;
COMMENT ON SEQUENCE neap.timed_commit IS 'Written by commits that a run times, to tell how long those of the application take; its value says nothing';
