-- What people let others know of them.

-- Whether others are not told up to where this person has read, and when this person is typing.
alter table people add column hides_reading integer not null default 0;
alter table people add column hides_typing integer not null default 0;
-- Up to where this person has really seen the conversation. Unlike `read_upto` it is 0 for who has just joined, and never goes back.
alter table memberships add column seen_upto integer not null default 0;
update memberships set seen_upto = read_upto;
