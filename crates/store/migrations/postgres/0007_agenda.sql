-- An agenda beside the title, and the templates whose words follow a session when it is moved.

ALTER TABLE services ADD COLUMN agenda_template TEXT;

-- made from the template when it was pinned; empty, if there was one and is none now
ALTER TABLE bookings ADD COLUMN agenda TEXT;
-- as they were pinned, where they name a time or how the session is held
ALTER TABLE bookings ADD COLUMN title_template TEXT;
ALTER TABLE bookings ADD COLUMN agenda_template TEXT;
