UPDATE gamify_version SET version_num = '26_11_21_d' WHERE version_num = '26_11_21_e';
