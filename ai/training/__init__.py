"""One page per model that is trained: what it learns from, how, and how it is judged."""
