-- Roles, ways back in, invitations, and the audit log.

alter table people add column role text not null default 'member'
    check (role in ('administrator', 'moderator', 'member'));
alter table people add column title text;
alter table people add column time_zone text;
-- The invitation by which the person came.
alter table people add column invitation blob;

-- What everybody may know of a person.
create view profiles as
select id, username, display_name, status_emoji, status_text, face, role, title, time_zone,
    deactivated is not null as is_deactivated
from people;

-- Whoever registered first runs the workspace.
update people set role = 'administrator' where id = (select id from people order by created, id limit 1);

alter table sessions add column last_used integer not null default 0;
update sessions set last_used = created;

-- Codes that set a new password once. Only their SHA-256 is stored.
create table recovery_codes (
    person    blob    not null references people (id),
    code_hash blob    not null,
    used      integer,
    primary key (person, code_hash)
) strict, without rowid;

create table password_resets (
    code_hash blob    not null primary key,
    person    blob    not null references people (id),
    -- Who issued it; null for the operator on the machine.
    issuer    blob    references people (id),
    created   integer not null,
    expires   integer not null
) strict, without rowid;

create index resets_of_person on password_resets (person);
create index resets_by_issuer on password_resets (issuer);

create table invitations (
    id      blob    not null primary key,
    -- Kept as it is: it gives access to no account, and its link can be shown again.
    code    text    not null unique,
    creator blob    not null references people (id),
    created integer not null,
    expires integer,
    -- How many may accept it; null for any number.
    uses    integer,
    used    integer not null default 0,
    role    text    not null check (role in ('administrator', 'moderator', 'member')),
    revoked integer
) strict, without rowid;

create index invitations_of_creator on invitations (creator, id);
create index people_by_invitation on people (invitation) where invitation is not null;

create table invitation_groups (
    invitation   blob not null references invitations (id),
    conversation blob not null references conversations (id),
    primary key (invitation, conversation)
) strict, without rowid;

create index invitations_to_group on invitation_groups (conversation);

create table audit_log (
    id           integer not null primary key,
    at           integer not null,
    action       text    not null,
    -- Null for the operator on the machine.
    actor        blob,
    session      text,
    person       blob,
    conversation blob,
    detail       text
) strict;

create index audit_log_of_actor on audit_log (actor, id);
create index audit_log_of_action on audit_log (action, id);
