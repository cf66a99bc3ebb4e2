"""A copy of a study without what tells whose it is (PS3.15, Basic Profile)."""
