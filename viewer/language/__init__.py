"""What Hilum says in the reader's language: one catalogue, for Qt's texts and for all others."""
