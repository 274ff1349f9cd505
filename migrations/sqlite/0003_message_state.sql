-- What becomes of a message after it was written. Each is a change of its own in the stream; here stands what it comes to.

-- Of a change about a message: which. Of a message: the one it answers. Both in the same stream.
alter table changes add column target integer;
-- Of a message: when its text was last changed.
alter table changes add column edited integer;
-- Of a message: when it was deleted. Its text is then empty here, and in `versions` for as long as it can be restored.
alter table changes add column deleted integer;
-- Of a message: since when it is pinned.
alter table changes add column pinned integer;
-- Of a question: since when it is answered.
alter table changes add column settled integer;

-- What a message said before it was edited or deleted.
create table versions (
    stream  blob    not null,
    message integer not null,
    -- The place of the change that ended it.
    until   integer not null,
    -- Since when it said so.
    at      integer not null,
    body    text    not null,
    primary key (stream, message, until)
) strict, without rowid;

create table reactions (
    stream  blob    not null,
    message integer not null,
    emoji   text    not null,
    person  blob    not null,
    -- The place of the change that made it: they are shown in this order.
    since   integer not null,
    primary key (stream, message, emoji, person)
) strict, without rowid;

-- Who is mentioned where: for the counts. Nobody's id (16 zero bytes) stands for everyone in the conversation.
create table mentions (
    conversation blob    not null,
    message      integer not null,
    person       blob    not null,
    primary key (conversation, message, person)
) strict, without rowid;

create index mentions_of_person on mentions (person, conversation, message);
-- What is unread is counted in this index alone, however long the messages are.
create index messages_that_count on changes (stream, seq, actor) where kind = 'posted' and deleted is null;
create index answers_to_message on changes (stream, target, seq) where kind = 'posted' and target is not null;
create index pinned_messages on changes (stream, pinned) where pinned is not null;
-- So that what cannot be restored any more is found and forgotten.
create index deleted_messages on changes (deleted) where deleted is not null;
