-- Where a trigger stands in for the application, what it could not carry over is set aside too.
ALTER TABLE neap.quarantine ADD COLUMN missed boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN neap.quarantine.missed IS 'A write of the application that the trigger in its stead could not carry over to the other table; gone once it has been';
