"""Every metric, in one place: what the service counts, and what a scrape makes of it."""
