-- Pictures of people. Everybody here may see them, as they may see names.

-- The picture that somebody has now: another one has another id, so that browsers may keep each for ever.
alter table people add column face blob;

create table faces (
    id     blob    not null primary key,
    person blob    not null references people (id),
    -- The names, by content, under which the bytes of its three sizes lie.
    large  text    not null,
    middle text    not null,
    small  text    not null
) strict, without rowid;

create index faces_of_person on faces (person);
create index faces_by_large on faces (large);
create index faces_by_middle on faces (middle);
create index faces_by_small on faces (small);
