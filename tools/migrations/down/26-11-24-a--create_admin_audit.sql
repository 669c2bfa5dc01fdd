-- Takes back: the table of changes in the panel.
-- Data: WARNING: who changed what and why; the changes themselves stay.

DROP TABLE IF EXISTS admin_audit;

UPDATE gamify_version SET version_num = '26_11_23_e' WHERE version_num = '26_11_24_a';
