-- The closure of a large code system is made behind its other rows, in slices (docs/decisions/0018-terminology-tables.md).

-- Up to which concept, by its number, the rows of code_system_closure are there; null: all are. Until then those who ask for
-- what is above and below walk code_system_link, which is there from the beginning.
alter table code_system add column closed_up_to integer;
update code_system set closed_up_to = 0 where state = 'loading';

create index code_system_unclosed on code_system (tenant, system) where closed_up_to is not null;
