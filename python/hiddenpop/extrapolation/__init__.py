"""From areas with a study to areas without one, and to the nation."""
