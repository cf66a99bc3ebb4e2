"""Show it and ask: DICOM in and out, the reading and its log, the window."""

__version__ = "0.1.0"
