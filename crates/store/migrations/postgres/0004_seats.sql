-- Seats that lend rooms, what a vendor's account would not do, and what its users did today.

-- the connection whose seats the pinned route draws on, and the seat that the room is on or bound for
ALTER TABLE bookings ADD COLUMN seats UUID;
ALTER TABLE bookings ADD COLUMN seat TEXT;
-- what its room has otherwise than was asked
ALTER TABLE bookings ADD COLUMN meeting_warnings TEXT;
CREATE INDEX bookings_by_seats ON bookings (tenant_id, seats, start_at) WHERE seats IS NOT NULL;

ALTER TABLE rooms ADD COLUMN unmet TEXT;
CREATE INDEX rooms_by_connection ON rooms (tenant_id, connection_id) WHERE state IN ('intended', 'unknown', 'live', 'doubtful', 'retiring');

ALTER TABLE connections ADD COLUMN seat_rules TEXT;

-- Whoever gives a seat away holds this row: no two sessions are given the same one at once.
CREATE TABLE seatings (
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    turns BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id)
);

-- What a vendor user made and changed on a day (UTC), and until when it may do no more.
CREATE TABLE vendor_users (
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    vendor_user TEXT NOT NULL,
    day BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    parked_until BIGINT NOT NULL,
    -- why, if the vendor said so; our own count needs no words
    reason TEXT,
    PRIMARY KEY (tenant_id, connection_id, vendor_user)
);
CREATE INDEX vendor_users_parked ON vendor_users (tenant_id, parked_until);
