-- What is known before a call. How long it lasts (duration) is not: a call that ends at once is a
-- no, so a model with it would know the answer.
select
  position,
  event_date,
  job,
  marital,
  education,
  contact,
  month,
  poutcome,
  age,
  cast(`default` = 'yes' as int) as has_default,
  ln(1 + greatest(balance, 0)) as log_balance,
  cast(balance < 0 as int) as overdrawn,
  cast(housing = 'yes' as int) as has_housing_loan,
  cast(loan = 'yes' as int) as has_loan,
  ln(campaign) as log_campaign,
  -- pdays is -1 where nobody called before.
  cast(pdays >= 0 as int) as called_before,
  ln(1 + greatest(pdays, 0)) as log_days_since,
  ln(1 + previous) as log_previous,
  cast(y = 'yes' as int) as subscribed
from bank.clean
