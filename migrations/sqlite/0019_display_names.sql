-- What the display name of each person looks like, so that a new one cannot be taken for it. Filled at the next start for those
-- who are there already: it follows from their names, by tables of Unicode that the engine does not have.

create table display_names (
    person   blob not null primary key references people (id) on delete cascade,
    -- As in `people`: equal names may be had by many, and are found here without them.
    name     text not null,
    -- The same for names that differ only in case, spaces, punctuation and signs that look alike.
    folded   text not null,
    -- The same for names whose letters look alike, in whatever script they are.
    skeleton text not null,
    -- The script of its letters; empty where there are several that are not written together.
    script   text not null
) strict, without rowid;

create index display_names_by_folded on display_names (folded, name);
create index display_names_by_skeleton on display_names (skeleton, name, script);
