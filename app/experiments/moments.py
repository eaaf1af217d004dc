"""What is kept of a group of shoppers: counts, sums and sums of squares, never the shoppers. Pure.

Every kind answers the same four questions: `n`, `mean`, `variance` (of one shopper) and `unadjusted_mean`.
Sums of groups add up, so a day's shoppers are one small row and a period is the sum of its days.

The formulas are those of GrowthBook's gbstats, against which the tests hold them: a share has the variance
p·(1−p), everything else divides by n−1, a ratio takes the linear delta method.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Sample:
    """One number a shopper. Without squares each number is 0 or 1 (a share: did she buy)."""

    n: int  # shoppers
    total: float  # sum of their numbers
    squares: float | None = None  # sum of their numbers squared

    @property
    def mean(self) -> float:
        return self.total / self.n if self.n else 0.0

    @property
    def unadjusted_mean(self) -> float:
        return self.mean

    @property
    def variance(self) -> float:
        if self.squares is None:
            return self.mean * (1 - self.mean)
        if self.n < 2:
            return 0.0
        return (self.squares - self.total**2 / self.n) / (self.n - 1)

    def plus(self, other: Sample) -> Sample:
        """Both groups together; both are shares or neither is."""
        both = self.squares is not None and other.squares is not None
        squares = (self.squares or 0.0) + (other.squares or 0.0) if both else None
        return Sample(self.n + other.n, self.total + other.total, squares)


def covariance(first: Sample, second: Sample, products: float) -> float:
    """Of two numbers of the same shoppers, from the sum of their products."""
    n = first.n
    if n < 2:
        return 0.0
    divisor = n if first.squares is None and second.squares is None else n - 1
    return (products - first.total * second.total / n) / divisor


@dataclass(frozen=True)
class Ratio:
    """A sum over a sum: revenue over orders. The shopper is what was drawn, so she is what varies."""

    numerator: Sample
    denominator: Sample
    products: float  # sum over shoppers of numerator times denominator

    @property
    def n(self) -> int:
        return self.numerator.n

    @property
    def mean(self) -> float:
        return self.numerator.total / self.denominator.total if self.denominator.total else 0.0

    @property
    def unadjusted_mean(self) -> float:
        return self.mean

    @property
    def variance(self) -> float:
        """By the linear delta method, of one shopper's part in the ratio."""
        above, below = self.numerator.mean, self.denominator.mean
        if below == 0 or self.n < 2:
            return 0.0
        shared = covariance(self.numerator, self.denominator, self.products)
        return (
            self.numerator.variance / below**2
            - 2 * shared * above / below**3
            + self.denominator.variance * above**2 / below**4
        )


@dataclass(frozen=True)
class Adjusted:
    """CUPED: the number less what the time before the experiment foretold of it.

    Source: Deng, Xu, Kohavi, Walker (WSDM 2013). `theta` is shared by both groups, see `adjust`.
    """

    post: Sample
    pre: Sample
    products: float  # sum over shoppers of post times pre
    theta: float = 0.0

    @property
    def n(self) -> int:
        return self.post.n

    @property
    def mean(self) -> float:
        return self.post.mean - self.theta * self.pre.mean

    @property
    def unadjusted_mean(self) -> float:
        return self.post.mean

    @property
    def covariance(self) -> float:
        return covariance(self.post, self.pre, self.products)

    @property
    def variance(self) -> float:
        if self.n < 2:
            return 0.0
        return self.scaled_variance(1.0)

    def scaled_variance(self, weight: float) -> float:
        """Variance of weight·post − theta·pre."""
        return (
            weight**2 * self.post.variance
            + self.theta**2 * self.pre.variance
            - 2 * weight * self.theta * self.covariance
        )


Statistic = Sample | Ratio | Adjusted


def adjust(control: Adjusted, treatment: Adjusted) -> tuple[Statistic, Statistic]:
    """Both groups with the theta of all shoppers together; without CUPED where the past foretells nothing."""
    post, pre = control.post.plus(treatment.post), control.pre.plus(treatment.pre)
    if pre.variance == 0 or post.variance == 0:
        return control.post, treatment.post
    theta = covariance(post, pre, control.products + treatment.products) / pre.variance
    if theta == 0:
        return control.post, treatment.post
    return replace(control, theta=theta), replace(treatment, theta=theta)
