-- What a vendor says of people and of accounts may come late, and is judged by when it happened.

-- what was said of the people in a room, by instance; empty, if nothing was
ALTER TABLE rooms ADD COLUMN presence TEXT;

-- when credentials were last pasted; empty, if never since the connection was made
ALTER TABLE connections ADD COLUMN credentials_at BIGINT;
