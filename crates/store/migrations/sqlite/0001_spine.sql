-- The spine: tenants, what they own, the work to be done, and what happened.
-- Every table carries tenant_id and it leads every key. Instants are microseconds UTC.

CREATE TABLE tenants (
    tenant_id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    contact TEXT,
    default_route TEXT,
    policies TEXT NOT NULL,
    next_number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- What belongs to the installation belongs to the reserved tenant of 16 zero bytes.
CREATE TABLE installation (
    tenant_id BLOB NOT NULL PRIMARY KEY,
    marker TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT;
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (hash);

CREATE TABLE hosts (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    external_id TEXT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    locale TEXT NOT NULL,
    phone TEXT,
    accounts TEXT NOT NULL,
    route TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT;
CREATE UNIQUE INDEX hosts_by_external_id ON hosts (tenant_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE services (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    external_id TEXT,
    name TEXT NOT NULL,
    duration_minutes INTEGER NOT NULL,
    mode TEXT NOT NULL,
    title_template TEXT,
    requires_approval INTEGER NOT NULL,
    requires_payment INTEGER NOT NULL,
    reminders TEXT NOT NULL,
    door_opens INTEGER NOT NULL,
    route TEXT,
    settings TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT;
CREATE UNIQUE INDEX services_by_external_id ON services (tenant_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE connections (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    provider TEXT NOT NULL,
    kind TEXT NOT NULL,
    host_id BLOB,
    account TEXT NOT NULL,
    client_id TEXT NOT NULL,
    secrets BLOB NOT NULL,
    seats TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    trouble TEXT,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    checked_at INTEGER,
    deleted_at INTEGER,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT;

CREATE TABLE bookings (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    external_id TEXT,
    service_id BLOB NOT NULL,
    host_id BLOB NOT NULL,
    status TEXT NOT NULL,
    mode TEXT NOT NULL,
    title TEXT NOT NULL,
    notes TEXT,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    time_zone TEXT NOT NULL,
    -- what the booking itself overrides, as it was asked
    own_title TEXT,
    own_mode TEXT,
    own_route TEXT,
    own_settings TEXT,
    -- pinned when it was confirmed or its host changed
    route TEXT NOT NULL,
    settings TEXT NOT NULL,
    metadata TEXT NOT NULL,
    generation INTEGER NOT NULL,
    version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    current_room BLOB,
    confirmed_at INTEGER,
    cancel_reason TEXT,
    -- what people see of its rooms
    meeting_status TEXT NOT NULL,
    meeting_reason TEXT,
    failures INTEGER NOT NULL,
    next_attempt_at INTEGER,
    settled_version INTEGER NOT NULL,
    ready_at INTEGER,
    -- the last whole booking that its source sent
    last_put TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, service_id) REFERENCES services (tenant_id, id),
    FOREIGN KEY (tenant_id, host_id) REFERENCES hosts (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX bookings_by_external_id ON bookings (tenant_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX bookings_by_start ON bookings (tenant_id, start_at, id);
CREATE INDEX bookings_by_host ON bookings (tenant_id, host_id, start_at);

CREATE TABLE people (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    role TEXT NOT NULL,
    host_id BLOB,
    external_id TEXT,
    name TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    time_zone TEXT,
    locale TEXT,
    ordinal INTEGER NOT NULL,
    removed_at INTEGER,
    link_hash BLOB NOT NULL,
    link_sealed BLOB NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, booking_id) REFERENCES bookings (tenant_id, id)
) STRICT;
CREATE INDEX people_by_booking ON people (tenant_id, booking_id, ordinal);
CREATE UNIQUE INDEX people_by_link ON people (link_hash);

CREATE TABLE rooms (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    provider TEXT NOT NULL,
    connection_id BLOB,
    account TEXT NOT NULL,
    vendor_user TEXT NOT NULL,
    marker TEXT NOT NULL,
    host_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    request TEXT NOT NULL,
    state TEXT NOT NULL,
    ending TEXT,
    looks INTEGER NOT NULL,
    first_gone INTEGER,
    changed_at INTEGER NOT NULL,
    vendor_id TEXT,
    instance TEXT,
    seen TEXT,
    read_due INTEGER,
    next_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    reason TEXT,
    effect_id BLOB,
    effect_kind TEXT,
    effect_request TEXT,
    effect_deadline INTEGER,
    door BLOB,
    number TEXT,
    owner TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, booking_id) REFERENCES bookings (tenant_id, id)
) STRICT;
CREATE INDEX rooms_by_booking ON rooms (tenant_id, booking_id);
-- One open create per booking: whoever loses the race goes looking.
CREATE UNIQUE INDEX rooms_one_open ON rooms (tenant_id, booking_id) WHERE state IN ('intended', 'unknown');
CREATE INDEX rooms_by_vendor_id ON rooms (tenant_id, connection_id, vendor_id);

CREATE TABLE attempts (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    room_id BLOB NOT NULL,
    operation TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    took INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    code TEXT,
    request_id TEXT,
    message TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, room_id) REFERENCES rooms (tenant_id, id)
) STRICT;
CREATE INDEX attempts_by_booking ON attempts (tenant_id, booking_id, id);

CREATE TABLE events (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    booking_id BLOB,
    type TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    data TEXT NOT NULL,
    number INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX events_by_booking ON events (tenant_id, booking_id, id);
CREATE UNIQUE INDEX events_by_number ON events (tenant_id, number) WHERE number IS NOT NULL;
CREATE INDEX events_unnumbered ON events (id) WHERE number IS NULL;

CREATE TABLE told (
    tenant_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    booking_id BLOB NOT NULL,
    said TEXT,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, person_id, channel),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id)
) STRICT;
CREATE INDEX told_by_booking ON told (tenant_id, booking_id);

CREATE TABLE messages (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    occasion TEXT NOT NULL,
    statement TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    sending_until INTEGER,
    attempts INTEGER NOT NULL,
    settled_at INTEGER,
    trouble TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id)
) STRICT;
CREATE INDEX messages_by_booking ON messages (tenant_id, booking_id, id);
-- At most one message to a person is on its way.
CREATE UNIQUE INDEX messages_one_queued ON messages (tenant_id, person_id, channel) WHERE state = 'queued';

CREATE TABLE work (
    tenant_id BLOB NOT NULL,
    booking_id BLOB NOT NULL,
    lane TEXT NOT NULL,
    urgency INTEGER NOT NULL,
    due_at INTEGER,
    ready INTEGER NOT NULL,
    wanted_seq INTEGER NOT NULL,
    claim BLOB,
    claims INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, booking_id, lane),
    FOREIGN KEY (tenant_id, booking_id) REFERENCES bookings (tenant_id, id)
) STRICT;
CREATE INDEX work_ready ON work (lane, urgency) WHERE ready;
CREATE INDEX work_due ON work (due_at) WHERE due_at IS NOT NULL AND NOT ready;

CREATE TABLE lanes (
    tenant_id BLOB NOT NULL,
    lane TEXT NOT NULL,
    paused_until INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (tenant_id, lane)
) STRICT;

-- How far a vendor's budget is spent, for all processes: the time at which the next call is free.
CREATE TABLE budgets (
    tenant_id BLOB NOT NULL,
    lane TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, lane)
) STRICT;

CREATE TABLE leases (
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    holder BLOB NOT NULL,
    until_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name)
) STRICT;

CREATE TABLE idempotency (
    tenant_id BLOB NOT NULL,
    api_key_id BLOB NOT NULL,
    request TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    status INTEGER,
    answer TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, api_key_id, request),
    FOREIGN KEY (tenant_id, api_key_id) REFERENCES api_keys (tenant_id, id)
) STRICT;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE sign_ins (
    tenant_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    role TEXT NOT NULL,
    host_id BLOB,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT;
CREATE UNIQUE INDEX sign_ins_by_hash ON sign_ins (hash);

CREATE TABLE sessions (
    tenant_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    role TEXT NOT NULL,
    host_id BLOB,
    csrf TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT;
CREATE UNIQUE INDEX sessions_by_hash ON sessions (hash);
