-- The calls run from May 2008 to November 2010 in the order of the file, which has no year: a new
-- one begins where the month is smaller than the one before.
with months as (
  select
    *,
    array_position(
      array('jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'),
      month) as month_number
  from bank.raw
  where _corrupt_record is null
),
steps as (
  select *, month_number < lag(month_number) over (order by position) as new_year
  from months
)
select
  * except (month_number, new_year, _corrupt_record),
  make_date(
    cast(2008 + count_if(new_year) over (order by position) as int),
    cast(month_number as int),
    day) as event_date
from steps
