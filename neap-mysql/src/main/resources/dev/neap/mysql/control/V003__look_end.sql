-- In one table a key that changes may go past every segment: the look at the end goes as far as the keys went when it began.
ALTER TABLE neap.fill ADD COLUMN IF NOT EXISTS look_end text
    COMMENT 'of a fill in one table: the last key of the look for rows that were missed, a JSON array' AFTER look_key;
