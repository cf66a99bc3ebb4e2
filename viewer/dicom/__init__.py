"""DICOM in and out, without Qt and without torch."""
