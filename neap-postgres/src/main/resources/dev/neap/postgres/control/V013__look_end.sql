-- In one table a key that changes may go past every segment: the look at the end goes as far as the keys went when it began.
ALTER TABLE neap.fill ADD COLUMN look_end text[];
COMMENT ON COLUMN neap.fill.look_end IS 'Of a fill in one table: the last key of the look for rows that were missed';
