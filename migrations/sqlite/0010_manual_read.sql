-- Whether what somebody has seen is read only when they say so.
alter table people add column reads_by_hand integer not null default 0;
