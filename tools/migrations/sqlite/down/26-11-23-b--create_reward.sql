DROP TABLE reward_redemption;
DROP TABLE reward;

UPDATE gamify_version SET version_num = '26_11_23_a' WHERE version_num = '26_11_23_b';
