-- The spine: tenants, what they own, the work to be done, and what happened.
-- Every table carries tenant_id and it leads every key. Instants are microseconds UTC.

CREATE TABLE tenants (
    tenant_id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    contact TEXT,
    default_route TEXT,
    policies TEXT NOT NULL,
    next_number BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- What belongs to the installation belongs to the reserved tenant of 16 zero bytes.
CREATE TABLE installation (
    tenant_id UUID NOT NULL PRIMARY KEY,
    marker TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (hash);

CREATE TABLE hosts (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    external_id TEXT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    locale TEXT NOT NULL,
    phone TEXT,
    accounts TEXT NOT NULL,
    route TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE UNIQUE INDEX hosts_by_external_id ON hosts (tenant_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE services (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    external_id TEXT,
    name TEXT NOT NULL,
    duration_minutes BIGINT NOT NULL,
    mode TEXT NOT NULL,
    title_template TEXT,
    requires_approval BOOLEAN NOT NULL,
    requires_payment BOOLEAN NOT NULL,
    reminders TEXT NOT NULL,
    door_opens BIGINT NOT NULL,
    route TEXT,
    settings TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE UNIQUE INDEX services_by_external_id ON services (tenant_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE connections (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    provider TEXT NOT NULL,
    kind TEXT NOT NULL,
    host_id UUID,
    account TEXT NOT NULL,
    client_id TEXT NOT NULL,
    secrets BYTEA NOT NULL,
    seats TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    trouble TEXT,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    checked_at BIGINT,
    deleted_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);

CREATE TABLE bookings (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    external_id TEXT,
    service_id UUID NOT NULL,
    host_id UUID NOT NULL,
    status TEXT NOT NULL,
    mode TEXT NOT NULL,
    title TEXT NOT NULL,
    notes TEXT,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
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
    generation BIGINT NOT NULL,
    version BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    current_room UUID,
    confirmed_at BIGINT,
    cancel_reason TEXT,
    -- what people see of its rooms
    meeting_status TEXT NOT NULL,
    meeting_reason TEXT,
    failures BIGINT NOT NULL,
    next_attempt_at BIGINT,
    settled_version BIGINT NOT NULL,
    ready_at BIGINT,
    -- the last whole booking that its source sent
    last_put TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, service_id) REFERENCES services (tenant_id, id),
    FOREIGN KEY (tenant_id, host_id) REFERENCES hosts (tenant_id, id)
);
CREATE UNIQUE INDEX bookings_by_external_id ON bookings (tenant_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX bookings_by_start ON bookings (tenant_id, start_at, id);
CREATE INDEX bookings_by_host ON bookings (tenant_id, host_id, start_at);

CREATE TABLE people (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    booking_id UUID NOT NULL,
    role TEXT NOT NULL,
    host_id UUID,
    external_id TEXT,
    name TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    time_zone TEXT,
    locale TEXT,
    ordinal BIGINT NOT NULL,
    removed_at BIGINT,
    link_hash BYTEA NOT NULL,
    link_sealed BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, booking_id) REFERENCES bookings (tenant_id, id)
);
CREATE INDEX people_by_booking ON people (tenant_id, booking_id, ordinal);
CREATE UNIQUE INDEX people_by_link ON people (link_hash);

CREATE TABLE rooms (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    booking_id UUID NOT NULL,
    provider TEXT NOT NULL,
    connection_id UUID,
    account TEXT NOT NULL,
    vendor_user TEXT NOT NULL,
    marker TEXT NOT NULL,
    host_id UUID NOT NULL,
    position BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    request TEXT NOT NULL,
    state TEXT NOT NULL,
    ending TEXT,
    looks BIGINT NOT NULL,
    first_gone BIGINT,
    changed_at BIGINT NOT NULL,
    vendor_id TEXT,
    instance TEXT,
    seen TEXT,
    read_due BIGINT,
    next_at BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    reason TEXT,
    effect_id UUID,
    effect_kind TEXT,
    effect_request TEXT,
    effect_deadline BIGINT,
    door BYTEA,
    number TEXT,
    owner TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, booking_id) REFERENCES bookings (tenant_id, id)
);
CREATE INDEX rooms_by_booking ON rooms (tenant_id, booking_id);
-- One open create per booking: whoever loses the race goes looking.
CREATE UNIQUE INDEX rooms_one_open ON rooms (tenant_id, booking_id) WHERE state IN ('intended', 'unknown');
CREATE INDEX rooms_by_vendor_id ON rooms (tenant_id, connection_id, vendor_id);

CREATE TABLE attempts (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    booking_id UUID NOT NULL,
    room_id UUID NOT NULL,
    operation TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    took BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    status BIGINT,
    code TEXT,
    request_id TEXT,
    message TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, room_id) REFERENCES rooms (tenant_id, id)
);
CREATE INDEX attempts_by_booking ON attempts (tenant_id, booking_id, id);

CREATE TABLE events (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    booking_id UUID,
    type TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    data TEXT NOT NULL,
    number BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX events_by_booking ON events (tenant_id, booking_id, id);
CREATE UNIQUE INDEX events_by_number ON events (tenant_id, number) WHERE number IS NOT NULL;
CREATE INDEX events_unnumbered ON events (id) WHERE number IS NULL;

CREATE TABLE told (
    tenant_id UUID NOT NULL,
    person_id UUID NOT NULL,
    channel TEXT NOT NULL,
    booking_id UUID NOT NULL,
    said TEXT,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, person_id, channel),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id)
);
CREATE INDEX told_by_booking ON told (tenant_id, booking_id);

CREATE TABLE messages (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    booking_id UUID NOT NULL,
    person_id UUID NOT NULL,
    channel TEXT NOT NULL,
    occasion TEXT NOT NULL,
    statement TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    message_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    sending_until BIGINT,
    attempts BIGINT NOT NULL,
    settled_at BIGINT,
    trouble TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id)
);
CREATE INDEX messages_by_booking ON messages (tenant_id, booking_id, id);
-- At most one message to a person is on its way.
CREATE UNIQUE INDEX messages_one_queued ON messages (tenant_id, person_id, channel) WHERE state = 'queued';

CREATE TABLE work (
    tenant_id UUID NOT NULL,
    booking_id UUID NOT NULL,
    lane TEXT NOT NULL,
    urgency BIGINT NOT NULL,
    due_at BIGINT,
    ready BOOLEAN NOT NULL,
    wanted_seq BIGINT NOT NULL,
    claim UUID,
    claims BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, booking_id, lane),
    FOREIGN KEY (tenant_id, booking_id) REFERENCES bookings (tenant_id, id)
);
CREATE INDEX work_ready ON work (lane, urgency) WHERE ready;
CREATE INDEX work_due ON work (due_at) WHERE due_at IS NOT NULL AND NOT ready;

CREATE TABLE lanes (
    tenant_id UUID NOT NULL,
    lane TEXT NOT NULL,
    paused_until BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    reason TEXT,
    PRIMARY KEY (tenant_id, lane)
);

-- How far a vendor's budget is spent, for all processes: the time at which the next call is free.
CREATE TABLE budgets (
    tenant_id UUID NOT NULL,
    lane TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, lane)
);

CREATE TABLE leases (
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    holder UUID NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

CREATE TABLE idempotency (
    tenant_id UUID NOT NULL,
    api_key_id UUID NOT NULL,
    request TEXT NOT NULL,
    body_hash BYTEA NOT NULL,
    status BIGINT,
    answer TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, api_key_id, request),
    FOREIGN KEY (tenant_id, api_key_id) REFERENCES api_keys (tenant_id, id)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

CREATE TABLE sign_ins (
    tenant_id UUID NOT NULL,
    hash BYTEA NOT NULL,
    role TEXT NOT NULL,
    host_id UUID,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE UNIQUE INDEX sign_ins_by_hash ON sign_ins (hash);

CREATE TABLE sessions (
    tenant_id UUID NOT NULL,
    hash BYTEA NOT NULL,
    role TEXT NOT NULL,
    host_id UUID,
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE UNIQUE INDEX sessions_by_hash ON sessions (hash);
