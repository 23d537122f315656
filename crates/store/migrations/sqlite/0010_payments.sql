-- Payments: what a service costs, what has come for a booking, and what a tenant's events are signed with.

ALTER TABLE services ADD COLUMN price TEXT;

-- what is known of its payment
ALTER TABLE bookings ADD COLUMN payment TEXT;

-- what others sign their events to this tenant with, sealed
ALTER TABLE tenants ADD COLUMN secrets BLOB;

-- whose events they are: each vendor's are seen to apart
ALTER TABLE inbound ADD COLUMN vendor TEXT NOT NULL DEFAULT 'zoom';
DROP INDEX inbound_due;
CREATE INDEX inbound_due ON inbound (vendor, due_at) WHERE due_at IS NOT NULL;
