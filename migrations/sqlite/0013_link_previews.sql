-- What the links of messages lead to, as the server saw it once, after each message was kept.

-- At most one a message. A message that is deleted has none; what is shown of it again, when it is restored, is looked at anew.
create table previews (
    stream      blob    not null,
    message     integer not null,
    -- The link, as it stands in the message.
    url         text    not null,
    site        text    not null,
    title       text    not null,
    description text    not null,
    -- Of its picture: which, and how large. The picture itself stands below, so that a page of messages is read without it.
    picture     blob,
    width       integer,
    height      integer,
    primary key (stream, message)
) strict, without rowid;

-- Small pictures, made anew by this server: a few kilobytes each, so they stand here and not beside the file.
create table preview_pictures (
    stream  blob    not null,
    message integer not null,
    id      blob    not null,
    -- Its media type.
    media   text    not null,
    bytes   blob    not null,
    primary key (stream, message)
) strict;

-- The links whose preview the author took away: it does not come back.
create table unwanted_previews (
    stream  blob    not null,
    message integer not null,
    url     text    not null,
    primary key (stream, message, url)
) strict, without rowid;
