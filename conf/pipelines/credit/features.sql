-- What the model may know of an application on the day it is made. Applications whose outcome is
-- not known yet teach nothing and are left out.
select
  application_id,
  applied_on,
  channel,
  region,
  age,
  cast(age < 25 as int) as is_young,
  marital_status,
  coalesce(dependents, 0) as dependents,
  coalesce(education, 'unknown') as education,
  employment,
  least(coalesce(employment_years, 0), 15) as employment_years,
  housing,
  months_at_address,
  ln(income) as log_income,
  least(debt / income, 2.5) as debt_ratio,
  least(open_loans, 5) as open_loans,
  least(late_payments, 5) as late_payments,
  coalesce(credit_score, 655) as credit_score,
  cast(credit_score is null as int) as credit_score_missing,
  cast(existing_customer as int) as existing_customer,
  purpose,
  ln(loan_amount) as log_loan_amount,
  loan_term_months,
  least(loan_amount * 12 / loan_term_months / income, 1) as burden,
  interest_rate,
  cos(2 * pi() * (month(applied_on) - 1) / 12) as winter,
  defaulted
from credit.clean
where defaulted is not null
