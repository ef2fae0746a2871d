"""Why a region got its score: the way up, the way from last year, its standing among others."""
