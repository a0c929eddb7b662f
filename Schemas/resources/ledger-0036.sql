-- The first month that a version of a fund's terms is for, and when that month begins: a version is set before. Without
-- them a version is for all months that no later one is for, as every first version is.
ALTER TABLE fund_programs ADD COLUMN from_month TEXT CHECK (length(from_month) = 7);
ALTER TABLE fund_programs ADD COLUMN from_us INTEGER CHECK (from_us > at_us);
