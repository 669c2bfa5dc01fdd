-- Takes back: rewards, and who bought them.
-- Data: WARNING: rewards and redemptions go; the coins paid for them stay paid.

DROP TABLE IF EXISTS reward_redemption;
DROP TABLE IF EXISTS reward;

UPDATE gamify_version SET version_num = '26_11_23_a' WHERE version_num = '26_11_23_b';
