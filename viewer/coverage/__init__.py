"""Which lung was really shown to the reader: measured from the panes, without an eye tracker."""
