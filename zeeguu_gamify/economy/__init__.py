"""What users earn and buy: EXP, levels, coins and rewards."""
