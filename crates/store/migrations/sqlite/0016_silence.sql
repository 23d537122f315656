-- Vendor users about whom the vendor does not answer: until when nobody asks.
ALTER TABLE vendor_users ADD COLUMN silent_until INTEGER NOT NULL DEFAULT 0;
CREATE INDEX vendor_users_silent ON vendor_users (tenant_id, silent_until) WHERE silent_until > 0;
