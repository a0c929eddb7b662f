-- What has flowed through an open admission, as JSON, so that a crash costs seconds of what was heard and not all of it.
ALTER TABLE open_admissions ADD COLUMN flow TEXT;
