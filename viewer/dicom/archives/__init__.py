"""Archives and indices read as if they were folders: ZIP, cut ZIP, DICOMDIR."""
