-- A delivery that only asks what became of something: it was answered with what stood at the time, and nothing was
-- created. That is no refusal; and unlike what was answered for good it is answered anew when it comes again, since
-- what stands may have changed. `answer` is the one given last.
alter table landing drop constraint landing_state_check;
alter table landing add constraint landing_state_check check (state in ('received', 'refused', 'informed', 'answered'));
