-- The settings of the workspace.

create table workspace (
    -- There is one row.
    id            integer not null primary key check (id = 1),
    name          text    not null,
    registration  text    not null check (registration in ('open', 'invite_only')),
    -- Whether links in messages get previews.
    link_previews integer not null check (link_previews in (0, 1)),
    -- The lowest role that creates groups.
    group_creators text   not null check (group_creators in ('administrator', 'moderator', 'member')),
    -- Whether administrators see the list of next steps.
    next_steps    integer not null check (next_steps in (0, 1))
) strict;

insert into workspace (id, name, registration, link_previews, group_creators, next_steps)
values (1, 'ChatBox', 'open', 1, 'member', 0);
