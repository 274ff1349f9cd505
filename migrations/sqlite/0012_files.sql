-- Files that people share. Their bytes lie in the folder of files (or in a store that speaks S3); here stands whose they are and where.

create table files (
    -- Made at random by the sender's browser: who does not know it cannot guess it.
    id           blob    not null primary key,
    owner        blob    not null references people (id),
    -- Where it is shared: it can be sent nowhere else. No reference: each new conversation would look through these.
    conversation blob    not null,
    -- The message that it came with; until then only its owner sees it, for a day.
    message      integer,
    name         text    not null,
    -- As it was announced, in bytes: what counts against its owner's share.
    size         integer not null,
    started      integer not null,
    -- What is shown of it (an attachment, as JSON), once it is there whole.
    shown        text,
    -- Its media type, where it may be played in place.
    media        text,
    -- The names, by content, under which its bytes lie: the whole, and of a picture two smaller ones.
    whole        text,
    large        text,
    small        text
) strict, without rowid;

create index files_of_owner on files (owner, size);
create index files_of_message on files (conversation, message) where message is not null;
create index files_not_sent on files (started) where message is null;
-- Bytes that lie there for nobody any more are found by these.
create index files_by_whole on files (whole) where whole is not null;
create index files_by_large on files (large) where large is not null;
create index files_by_small on files (small) where small is not null;

-- Of a message: the files that it carries, as they are shown (JSON).
alter table changes add column files text;
-- Of a message with files: what they are called.
alter table changes add column names text;
-- What a list shows of a message: its text, else what its files are called.
alter table changes add column said text generated always as (case when body = '' and deleted is null then coalesce(names, '') else body end) virtual;
