-- What a person keeps for themself: nobody else is ever told of it. No reference to conversations: each new one would look through these.

-- What was begun and not sent, so that it is there on another device as well.
create table drafts (
    person       blob    not null references people (id),
    conversation blob    not null,
    body         text    not null,
    -- The place, in the person's own stream, of the change that made it so.
    seq          integer not null,
    primary key (person, conversation)
) strict, without rowid;

-- Messages that somebody wants to find again.
create table saved (
    person       blob    not null references people (id),
    conversation blob    not null,
    message      integer not null,
    at           integer not null,
    primary key (person, conversation, message)
) strict, without rowid;
