"""`make bench`: what the bot costs, each figure beside a stock solution measured in the same run."""
