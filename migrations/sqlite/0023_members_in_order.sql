-- The members of a conversation in the order in which they joined, read from the index alone.

drop index members_of_conversation;
create index members_of_conversation on memberships (conversation, joined, person);
