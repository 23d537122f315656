-- A person's link can be replaced by another; the old one says so for a while.

-- Which of their links a person has: how often it was replaced.
ALTER TABLE people ADD COLUMN link_number INTEGER NOT NULL DEFAULT 0;

CREATE TABLE retired_links (
    tenant_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    person_id BLOB NOT NULL,
    retired_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX retired_links_by_hash ON retired_links (hash);
CREATE INDEX retired_links_by_age ON retired_links (retired_at);
