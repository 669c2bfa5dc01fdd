UPDATE gamify_version SET version_num = '26_11_21_b' WHERE version_num = '26_11_21_c';
