-- Whether others are told that a person is online, and since when they are not.

-- Whether this person is offline for all others, whatever they do.
alter table people add column hides_presence integer not null default 0;
-- When this person was last online and let others know, to the minute.
alter table people add column last_seen integer;
