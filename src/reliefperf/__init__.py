"""Score regions' public work and turn the scores into money, openly and exactly."""
