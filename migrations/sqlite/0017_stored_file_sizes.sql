-- What files really take, and quick answers to how many of somebody's wait.

-- The bytes that were laid down, once a file is there whole: a picture that is made anew may take more than was announced.
alter table files add column laid_down integer;

-- What a file counts against its owner's share: never less than a block of the disk.
alter table files add column weight integer generated always as (max(coalesce(laid_down, size), 4096)) virtual;

drop index files_of_owner;
create index files_of_owner on files (owner, weight);
create index files_waiting on files (owner) where message is null;
