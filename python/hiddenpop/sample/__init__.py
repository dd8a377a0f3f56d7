"""Who was asked, how they were found, and how the sample is redrawn."""
