-- A person's link can be replaced by another; the old one says so for a while.

-- Which of their links a person has: how often it was replaced.
ALTER TABLE people ADD COLUMN link_number BIGINT NOT NULL DEFAULT 0;

CREATE TABLE retired_links (
    tenant_id UUID NOT NULL,
    hash BYTEA NOT NULL,
    person_id UUID NOT NULL,
    retired_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id)
);
CREATE UNIQUE INDEX retired_links_by_hash ON retired_links (hash);
CREATE INDEX retired_links_by_age ON retired_links (retired_at);
