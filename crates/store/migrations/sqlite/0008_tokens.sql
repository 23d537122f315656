-- Access tokens, one for each connection, shared by all processes; and whose turn it is to ask for
-- the next one.
CREATE TABLE access_tokens (
    tenant_id BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    -- of the credentials that it is for
    revision INTEGER NOT NULL,
    -- counts the tokens that there were
    number INTEGER NOT NULL,
    -- null while there is none
    sealed BLOB,
    renew_at INTEGER NOT NULL,
    -- who is asking the vendor, and until when others leave it to them
    asker BLOB,
    asking_until INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, connection_id)
) STRICT;
