-- Whether the vendor's last word is that there are people in a room: then its seat is taken, whatever
-- the session's time says. What was known before is read anew with the next word on each room.
ALTER TABLE rooms ADD COLUMN occupied BOOLEAN NOT NULL DEFAULT FALSE;
-- the seats that are promised
CREATE INDEX bookings_by_seat ON bookings (tenant_id, start_at) WHERE seat IS NOT NULL;
