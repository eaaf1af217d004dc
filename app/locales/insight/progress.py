"""How far a locale is, by strings, by words and by what shoppers really saw. Pure: no I/O.

None is "no data": a locale that no shopper has read has no share by impressions.
"""

from __future__ import annotations

from dataclasses import dataclass


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Progress:
    """Approved is what a release holds; the counts of what was shown are of the days that are looked at."""

    locale: str
    is_source: bool
    strings: int
    strings_approved: int
    strings_begun: int  # drafts, and texts that wait for a review
    words: int  # of the sources
    words_approved: int
    shown: int
    shown_approved: int  # of these of strings that are approved now
    fell_back: int  # of these in the language of the source
    failed: int  # of these because the translation could not be filled in

    @property
    def by_strings(self) -> float | None:
        return 1.0 if self.is_source and self.strings else share(self.strings_approved, self.strings)

    @property
    def by_words(self) -> float | None:
        return 1.0 if self.is_source and self.words else share(self.words_approved, self.words)

    @property
    def by_impressions(self) -> float | None:
        """What shoppers would read in their language, were all that is approved released."""
        return 1.0 if self.is_source and self.shown else share(self.shown_approved, self.shown)

    @property
    def in_language(self) -> float | None:
        """What shoppers did read in their language."""
        return share(self.shown - self.fell_back, self.shown)
