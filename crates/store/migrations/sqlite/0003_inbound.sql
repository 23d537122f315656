-- What vendors tell us: who may, what they said, and what we know from it.

-- OAuth applications at vendors. Their secrets are sealed.
CREATE TABLE apps (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    provider TEXT NOT NULL,
    client_id TEXT NOT NULL,
    secrets BLOB NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT;

-- A vendor's events come to an address that names an app or a connection, and no tenant.
CREATE INDEX apps_by_id ON apps (id);
CREATE INDEX connections_by_id ON connections (id);
CREATE INDEX connections_by_account ON connections (provider, account);

-- Vendors' events, from when they came. due_at is empty once an event has been seen to, and sealed
-- with it; what was said is remembered, so that a repeat is known. What came to the installation's
-- address belongs to the reserved tenant.
CREATE TABLE inbound (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    address TEXT NOT NULL,
    event TEXT NOT NULL,
    said BLOB NOT NULL,
    sealed BLOB,
    received_at INTEGER NOT NULL,
    due_at INTEGER,
    tries INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX inbound_once ON inbound (tenant_id, address, said);
CREATE INDEX inbound_due ON inbound (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX inbound_by_age ON inbound (received_at);

-- When a vendor's event last named a connection, to the minute.
CREATE TABLE heard (
    tenant_id BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    heard_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, connection_id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id)
) STRICT;

-- From when to when a room was open at the vendor; opened again, it is another instance.
CREATE TABLE runs (
    tenant_id BLOB NOT NULL,
    room_id BLOB NOT NULL,
    instance TEXT NOT NULL,
    booking_id BLOB NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    PRIMARY KEY (tenant_id, room_id, instance),
    FOREIGN KEY (tenant_id, room_id) REFERENCES rooms (tenant_id, id)
) STRICT;
CREATE INDEX runs_by_booking ON runs (tenant_id, booking_id);

-- Who came in and who went, one row each. Names and addresses are sealed.
CREATE TABLE attendance (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    room_id BLOB NOT NULL,
    instance TEXT NOT NULL,
    visitor TEXT NOT NULL,
    came INTEGER NOT NULL,
    at INTEGER NOT NULL,
    is_host INTEGER NOT NULL,
    sealed BLOB,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, room_id) REFERENCES rooms (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX attendance_once ON attendance (tenant_id, room_id, instance, visitor, came, at);
CREATE INDEX attendance_by_booking ON attendance (tenant_id, booking_id, at);

-- What has been said of a session's people, and when to say more.
CREATE TABLE attendance_told (
    tenant_id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    due_at INTEGER,
    told_at INTEGER,
    ended_at INTEGER,
    PRIMARY KEY (tenant_id, booking_id),
    FOREIGN KEY (tenant_id, booking_id) REFERENCES bookings (tenant_id, id)
) STRICT;
CREATE INDEX attendance_told_due ON attendance_told (due_at) WHERE due_at IS NOT NULL;

-- Recordings and transcripts at vendors. Their links are sealed; how to download is asked afresh.
CREATE TABLE recordings (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    room_id BLOB NOT NULL,
    instance TEXT NOT NULL,
    vendor_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    view TEXT,
    started_at INTEGER,
    ended_at INTEGER,
    size INTEGER,
    sealed BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, room_id) REFERENCES rooms (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX recordings_once ON recordings (tenant_id, room_id, vendor_id);
CREATE INDEX recordings_by_booking ON recordings (tenant_id, booking_id);
