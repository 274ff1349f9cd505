-- What a person says of themselves beside their name: an emoji, a few words, or both.

alter table people add column status_emoji text;
alter table people add column status_text text;
