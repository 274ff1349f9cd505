-- Which conversations each member keeps at the top of their list.

alter table memberships add column pinned integer not null default 0 check (pinned in (0, 1));
