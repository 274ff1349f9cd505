-- Who deleted a message, and read receipts that stay off for the time in which they were off.

-- Of a deleted message: who deleted it last. What the creator of a group deleted, its author cannot restore.
alter table changes add column deleted_by blob;

update changes set deleted_by = last.actor
from (select stream, target, actor, max(seq) from changes where kind = 'deleted' group by stream, target) last
where changes.stream = last.stream and changes.seq = last.target and changes.deleted is not null;

-- Read positions of people whose receipts are off were kept until now, and would have appeared when they are switched on.
update memberships set seen_upto = 0 where person in (select id from people where hides_reading);
