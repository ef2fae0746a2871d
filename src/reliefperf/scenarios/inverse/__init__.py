"""Questions asked backwards: which budget, which score brings a stated amount of money."""
