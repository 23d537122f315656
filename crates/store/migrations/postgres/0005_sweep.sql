-- The sweep: looks for rooms of ours at the vendors that no booking wants.

-- Since when nothing is swept; null while sweeps are on. A restored copy begins with it set.
ALTER TABLE installation ADD COLUMN sweeps_off_since BIGINT;
-- Rooms that were opened before are known to the table below.
ALTER TABLE installation ADD COLUMN swept_to BIGINT;

-- A vendor user who holds rooms of ours, or held some not long ago.
CREATE TABLE sweeps (
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    vendor_user TEXT NOT NULL,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    swept_at BIGINT,
    unknown_rooms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, vendor_user),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id)
);
CREATE INDEX sweeps_due ON sweeps (next_at);
