DROP TABLE admin_audit;

UPDATE gamify_version SET version_num = '26_11_23_e' WHERE version_num = '26_11_24_a';
