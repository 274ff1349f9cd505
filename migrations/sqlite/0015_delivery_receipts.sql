-- Up to where a conversation of two has reached a device of this person: it only grows, and who hides that they are there adds
-- nothing to it. Written now and then: what a crash takes, their next connection says again.
alter table memberships add column delivered_upto integer not null default 0;
