-- Who has approved which plan, and what was answered to what its checks had found.
CREATE TABLE neap.approval (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_hash text NOT NULL,
    backfill text NOT NULL,
    approved_by text NOT NULL,
    approved_as text NOT NULL,
    approved_at timestamptz NOT NULL DEFAULT clock_timestamp());
COMMENT ON TABLE neap.approval IS 'Plans that somebody has approved; the profile prod runs no other';
COMMENT ON COLUMN neap.approval.approved_by IS 'The person, as the command was told';
COMMENT ON COLUMN neap.approval.approved_as IS 'The role of the database that recorded it';
CREATE INDEX approval_plan ON neap.approval (plan_hash);

CREATE TABLE neap.answer (
    approval_id bigint NOT NULL REFERENCES neap.approval ON DELETE CASCADE,
    finding text NOT NULL,
    answer text NOT NULL,
    PRIMARY KEY (approval_id, finding));
COMMENT ON TABLE neap.answer IS 'Why a run may start in spite of what a check had found';
COMMENT ON COLUMN neap.answer.finding IS 'The name of the check';
