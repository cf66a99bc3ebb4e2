"""What lies beside the scan that is read: a second series, other studies, how they lie to it."""
