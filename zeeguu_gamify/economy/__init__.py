"""What users earn: EXP."""
