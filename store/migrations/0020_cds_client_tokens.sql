-- Tokens by which clients of CDS services said who they are: each counts once, also after a restart and in another process.
create table cds_client_token (
  tenant      smallint    not null,
  -- SHA-256 of issuer and id (jti).
  token       bytea       not null,
  expires_at  timestamptz not null,
  primary key (tenant, token)
);
create index cds_client_token_by_end on cds_client_token (tenant, expires_at);
