"""Written objects read back by code that shares no module with what wrote them."""
