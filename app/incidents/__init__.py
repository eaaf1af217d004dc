"""When the shop is in trouble: who does what, what shoppers are told, what is learned. And the runbooks."""
