"""From scores and weights to money: entitlements, rules, linear program, whole units."""
