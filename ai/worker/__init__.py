"""The process that computes, and the messages that cross to it."""
