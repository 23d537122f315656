-- Private mode: others read neutral words about a session, and its room lets nobody and nothing out.

ALTER TABLE services ADD COLUMN private INTEGER NOT NULL DEFAULT FALSE;

-- pinned like the title
ALTER TABLE bookings ADD COLUMN private INTEGER NOT NULL DEFAULT FALSE;
