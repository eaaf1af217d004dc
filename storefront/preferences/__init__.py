"""What a shopper chooses for herself: language, country of delivery, currency of prices."""
