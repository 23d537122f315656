-- The texts of transcripts: from when the file is known until its text is here, or why it is not. due_at is
-- when it is asked for next; while somebody asks, it is the end of their lease, and claim proves who. The
-- text is sealed. A transcript that is older than this table has no row, and its text is not asked for.
CREATE TABLE transcripts (
    tenant_id UUID NOT NULL,
    recording_id UUID NOT NULL,
    booking_id UUID NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    sealed BYTEA,
    due_at BIGINT,
    claim UUID,
    tries BIGINT NOT NULL,
    known_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, recording_id),
    FOREIGN KEY (tenant_id, recording_id) REFERENCES recordings (tenant_id, id)
);
CREATE INDEX transcripts_due ON transcripts (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX transcripts_by_booking ON transcripts (tenant_id, booking_id);
