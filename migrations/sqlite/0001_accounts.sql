-- Who there is, and who is signed in. Ids are 16 bytes (UUIDv7), times are milliseconds since 1970 UTC.

create table meta (
    key   text not null primary key,
    value text not null
) strict;

create table people (
    id            blob    not null primary key,
    username      text    not null,
    -- What the username looks like: two names that a reader could take for each other have the same.
    username_key  text    not null unique,
    display_name  text    not null,
    -- Argon2id with its parameters, as a PHC string.
    password_hash text    not null,
    created       integer not null,
    -- The last number given in this person's own stream.
    head          integer not null default 0,
    deactivated   integer
) strict, without rowid;

create table sessions (
    -- SHA-256 of the token in the cookie: whoever reads this table can sign in as nobody.
    token_hash blob    not null primary key,
    person     blob    not null references people (id) on delete cascade,
    created    integer not null,
    expires    integer not null,
    -- What the browser said it is, for the list of one's sessions.
    device     text    not null
) strict, without rowid;

create index sessions_of_person on sessions (person, created);
