"""What lays out the site: pages in their places, the reference by task, links between names and pages."""
