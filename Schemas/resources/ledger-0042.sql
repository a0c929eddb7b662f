-- How banks of the United States tell the files of a house apart: the day and minute at which a file was made, on the
-- house's own clock, and a letter or digit that is another one for each file of a day. Written down with the file, so that
-- its bytes stay what they were when the house moves to another zone. Files from before this migration have none: theirs
-- are those of UTC and the letter A for ever.
ALTER TABLE bank_files ADD COLUMN local_day TEXT CHECK (length(local_day) = 10);
ALTER TABLE bank_files ADD COLUMN local_minute INTEGER CHECK (local_minute BETWEEN 0 AND 1439);
ALTER TABLE bank_files ADD COLUMN modifier TEXT CHECK (length(modifier) = 1);
CREATE UNIQUE INDEX bank_files_by_modifier ON bank_files (shard, local_day, modifier);
