-- Access tokens, one for each connection, shared by all processes; and whose turn it is to ask for
-- the next one.
CREATE TABLE access_tokens (
    tenant_id UUID NOT NULL,
    connection_id UUID NOT NULL,
    -- of the credentials that it is for
    revision BIGINT NOT NULL,
    -- counts the tokens that there were
    number BIGINT NOT NULL,
    -- null while there is none
    sealed BYTEA,
    renew_at BIGINT NOT NULL,
    -- who is asking the vendor, and until when others leave it to them
    asker UUID,
    asking_until BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id)
);
