-- A group has a picture of its own, if its creator gave it one: only its members see it. Else it is shown by those of its people.

alter table conversations add column face blob;

-- Pictures are of a person or of a conversation from now on. A column cannot be let go of what it must hold, so the table is made anew.
create table pictured (
    id           blob not null primary key,
    person       blob references people (id),
    conversation blob references conversations (id),
    -- The names, by content, under which the bytes of its three sizes lie.
    large        text not null,
    middle       text not null,
    small        text not null,
    check ((person is null) <> (conversation is null))
) strict, without rowid;

insert into pictured (id, person, large, middle, small) select id, person, large, middle, small from faces;
drop table faces;
alter table pictured rename to faces;

create index faces_of_person on faces (person) where person is not null;
create index faces_of_conversation on faces (conversation) where conversation is not null;
create index faces_by_large on faces (large);
create index faces_by_middle on faces (middle);
create index faces_by_small on faces (small);
