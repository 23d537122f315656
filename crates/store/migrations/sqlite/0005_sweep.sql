-- The sweep: looks for rooms of ours at the vendors that no booking wants.

-- Since when nothing is swept; null while sweeps are on. A restored copy begins with it set.
ALTER TABLE installation ADD COLUMN sweeps_off_since INTEGER;
-- Rooms that were opened before are known to the table below.
ALTER TABLE installation ADD COLUMN swept_to INTEGER;

-- A vendor user who holds rooms of ours, or held some not long ago.
CREATE TABLE sweeps (
    tenant_id BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    vendor_user TEXT NOT NULL,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    swept_at INTEGER,
    unknown_rooms INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, vendor_user),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id)
) STRICT;
CREATE INDEX sweeps_due ON sweeps (next_at);
