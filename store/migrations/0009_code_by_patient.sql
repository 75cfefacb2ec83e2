-- Patients by the code of what refers to them (docs/decisions/0016-has-by-code.md): _has:Condition:patient:code goes from one
-- patient to the next, and looks whether a patient has such a thing at all, without meeting the others of the code.
create index resource_by_code_and_patient on resource (code, patient) where code is not null and patient is not null and not deleted;
