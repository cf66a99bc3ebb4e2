"""What leaves a reading: written aside, read again by other eyes, named all or none."""
