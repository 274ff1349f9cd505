-- What of each conversation rings for each of its members, as they have chosen.

-- Every message, those that mention this person, nothing, or nothing and the list leaves it out.
alter table memberships add column level text not null default 'everything' check (level in ('everything', 'mentions', 'nothing', 'hidden'));
-- Until this moment nothing does. One that has passed means nothing: nobody has to take it away.
alter table memberships add column muted_until integer;
