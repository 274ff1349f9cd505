-- Conversations, who is in them, and the journal of all that happens.

create table conversations (
    id         blob    not null primary key,
    kind       text    not null check (kind in ('everyone', 'direct', 'group')),
    name       text,
    creator    blob    references people (id),
    -- Of a direct one: the two ids, the smaller first, so that two people have one conversation for ever.
    pair       blob    unique,
    created    integer not null,
    -- The last number given in this conversation's stream.
    head       integer not null default 0,
    -- The place of the latest message, for the list.
    last_posted integer
) strict, without rowid;

create unique index one_everyone on conversations (kind) where kind = 'everyone';

create table memberships (
    person       blob    not null references people (id),
    conversation blob    not null references conversations (id),
    joined       integer not null,
    -- Everything up to here is read; it only grows.
    read_upto    integer not null default 0,
    primary key (person, conversation)
) strict, without rowid;

create index members_of_conversation on memberships (conversation, person);

-- One row per change, however many people it reaches. A stream is a conversation or a person.
create table changes (
    stream    blob    not null,
    -- 1, 2, 3 … without a hole: given in the transaction that makes the change.
    seq       integer not null,
    at        integer not null,
    kind      text    not null,
    -- Who did it.
    actor     blob,
    -- To whom, or in one's own stream: in which conversation.
    subject   blob,
    -- A message's text, or a group's new name.
    body      text,
    -- The sender's id for a message: the same id twice is one message, for ever.
    client_id blob,
    -- A read position.
    upto      integer,
    primary key (stream, seq)
) strict, without rowid;

create unique index one_message_per_client_id on changes (actor, client_id) where client_id is not null;
