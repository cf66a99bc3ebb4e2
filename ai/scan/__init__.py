"""The small language of scans: geometry, volume, label map, finding."""
