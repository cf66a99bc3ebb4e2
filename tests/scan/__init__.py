"""Tests of the language of scans."""
