"""The window: panes, pages, keys and hands, each asking the desk."""
