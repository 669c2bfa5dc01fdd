-- Takes back: nothing. The badges are production's own, or somebody holds them by now.
-- Data: none goes.

UPDATE gamify_version SET version_num = '26_11_20_n' WHERE version_num = '26_11_20_o';
