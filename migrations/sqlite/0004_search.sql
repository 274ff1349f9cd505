-- Finding messages by what they say. What is looked up are short pieces of the folded text and a few marks (who wrote it, where, whether
-- it has a link); `src/server/search` makes them, and reads the text itself before it says that something was found.

-- Of a message: its place among all messages, in the order in which they were written. The search knows it by this.
alter table changes add column number integer;

create unique index changes_by_number on changes (number);

-- It keeps no text, only which pieces stand in which messages; and it lets go of a message without being told what it said.
create virtual table search using fts5 (
    pieces,
    content = '',
    contentless_delete = 1,
    detail = none,
    -- The pieces come cut already.
    tokenize = 'ascii'
);
