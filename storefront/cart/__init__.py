"""What a visitor means to buy, kept until it is ordered."""
