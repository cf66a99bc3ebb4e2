"""Masks read and laid on their CT, whatever their format: DICOM-SEG, RT Structure Set, NIfTI."""
