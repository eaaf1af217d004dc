"""Different people of days, weeks and months, and of the 7 and 30 days up to each day, all of them exact.

Of each day and group it is kept how many people were there, by the number of days since they were last there
(`gap`). Whoever is the first time within a span is counted there once, and the others are not counted again:

    people of a span that begins on S = sum over its days d of those whose gap > d − S

So a new day reads itself and the people of the month before it, not the whole of a month, and every span of
at most 31 days is a sum over small rows.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kpi import calendar

LONGEST_GAP_DAYS = 32  # as much or longer ago, or never: the longest span has 31 days
LOOK_BACK = timedelta(days=LONGEST_GAP_DAYS)

# A browser is its person where the shop knew somebody on that day. A visit over midnight is of both days.
# What a visit counts for (its profile) is few different things, so groups are looked up once for each.
_SEEN = """
CREATE TEMP TABLE stage_seen ON COMMIT DROP AS
WITH visit AS (
    SELECT source, visitor, account, (began_at AT TIME ZONE :zone)::date AS began_on,
           (ended_at AT TIME ZONE :zone)::date AS ended_on,
           concat_ws(chr(31), source, locale, country, device, flags,
                     ARRAY(SELECT jsonb_object_keys(kinds))) AS profile
    FROM kpi_sessions
    WHERE began_at >= CAST(:start AS timestamptz) - interval '12 hours' AND began_at < :end
), on_day AS (
    SELECT source, visitor, account, began_on AS day, profile FROM visit
    UNION ALL
    SELECT source, visitor, account, ended_on, profile FROM visit WHERE ended_on <> began_on
), signed_in AS (
    SELECT source, visitor, day, max(account) AS account FROM on_day WHERE account IS NOT NULL
    GROUP BY source, visitor, day
)
SELECT coalesce(signed_in.account, visitor) AS person, day, profile
FROM on_day LEFT JOIN signed_in USING (source, visitor, day)
WHERE day >= CAST(:start AS timestamptz) AT TIME ZONE :zone AND day <= :last"""

_GROUPS = """
CREATE TEMP TABLE stage_groups ON COMMIT DROP AS
WITH profile AS (
    SELECT profile, string_to_array(profile, chr(31)) AS part
    FROM (SELECT DISTINCT profile FROM stage_seen) AS each_one
), grouped AS (
    SELECT DISTINCT profile, part[1] AS source, measure, dimension,
           CASE WHEN dimension = '' THEN '' ELSE coalesce(nullif(member, ''), 'unknown') END AS member
    FROM profile CROSS JOIN LATERAL (
        VALUES ('active_users', '', ''), ('active_users', 'locale', part[2]),
               ('active_users', 'country', part[3]), ('active_users', 'device', part[4])
        UNION ALL SELECT 'active_users', 'variant', key || ':' || value FROM jsonb_each_text(part[5]::jsonb)
        UNION ALL SELECT 'feature_users', 'feature', key || ':' || value FROM jsonb_each_text(part[5]::jsonb)
        UNION ALL SELECT 'feature_users', 'feature', unnest(part[6]::text[])
    ) AS counted (measure, dimension, member)
)
SELECT *, dense_rank() OVER (ORDER BY source, measure, dimension, member)::integer AS number FROM grouped"""

# Those of the days before are of use only where they come again on a day that is counted.
_COUNTED = """
CREATE TEMP TABLE stage_counted ON COMMIT DROP AS
WITH met AS (
    SELECT number, person, day
    FROM stage_seen JOIN stage_groups USING (profile)
    WHERE person IN (SELECT person FROM stage_seen WHERE day >= :first)
), again AS (
    SELECT number, day, lag(day) OVER (PARTITION BY person, number ORDER BY day) AS before FROM met
)
SELECT number, day, least(coalesce(day - before, :longest), :longest) AS gap, count(*) AS people
FROM again WHERE day >= :first AND before IS DISTINCT FROM day
GROUP BY number, day, gap"""

_WRITTEN = """
INSERT INTO kpi_people (zone, source, measure, dimension, member, day, gap, people)
SELECT :zone, source, measure, dimension, member, day, gap, people
FROM stage_counted
JOIN (SELECT DISTINCT number, source, measure, dimension, member FROM stage_groups) AS named USING (number)"""

BUCKETS = """
INSERT INTO kpi_cells (zone, measure, dimension, grain, start, member, source, currency, value)
SELECT :zone, measure, dimension, :grain, date_trunc(:grain, day::timestamp)::date AS bucket, member, source,
       '', sum(people)
FROM kpi_people
WHERE zone = :zone AND day BETWEEN :first AND :last AND gap > day - date_trunc(:grain, day::timestamp)::date
GROUP BY source, measure, dimension, member, bucket"""

# Those of one day and gap count in the 7 or 30 days that begin with it, less those in which they are already.
TRAILING = """
WITH step AS (
    SELECT source, dimension, member, window_of AS measure, day + shift AS day, sum(sign * people) AS change
    FROM kpi_people CROSS JOIN LATERAL (
        VALUES ('active_users_7d', greatest(7 - gap, 0), 1), ('active_users_7d', 7, -1),
               ('active_users_30d', greatest(30 - gap, 0), 1), ('active_users_30d', 30, -1),
               ('mean_active_users_30d', 0, 1), ('mean_active_users_30d', 30, -1)
    ) AS counts_from (window_of, shift, sign)
    WHERE zone = :zone AND measure = 'active_users' AND dimension IN ('', 'locale')
      AND day BETWEEN CAST(:first AS date) - 29 AND :last
    GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT source, dimension, member, window_of, each_day::date, 0
    FROM (SELECT DISTINCT source, dimension, member FROM kpi_people
          WHERE zone = :zone AND measure = 'active_users' AND dimension IN ('', 'locale')
            AND day BETWEEN CAST(:first AS date) - 29 AND :last) AS there
    CROSS JOIN (VALUES ('active_users_7d'), ('active_users_30d'), ('mean_active_users_30d'))
        AS of_days (window_of)
    CROSS JOIN generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS each_day
), level AS (
    SELECT source, dimension, member, measure, day,
           sum(sum(change)) OVER (PARTITION BY source, dimension, member, measure ORDER BY day) AS value
    FROM step GROUP BY source, dimension, member, measure, day
)
INSERT INTO kpi_cells (zone, measure, dimension, grain, start, member, source, currency, value)
SELECT :zone, measure, dimension, 'day', day, member, source, '',
       CASE WHEN measure = 'mean_active_users_30d'
            THEN value / least(30, day - CAST(:earliest AS date) + 1) ELSE value END
FROM level
WHERE day BETWEEN :first AND :last AND value <> 0"""

SHOWN = "\n\n".join(
    statement.strip() for statement in (_SEEN, _GROUPS, _COUNTED, _WRITTEN, BUCKETS, TRAILING)
)


def count(session: Session, zone: str, first: date, last: date) -> None:
    """Write anew who was there on these days, by how long ago they were there before."""
    span = {"zone": zone, "first": first, "last": last}
    session.execute(text("DELETE FROM kpi_people WHERE zone = :zone AND day BETWEEN :first AND :last"), span)
    reach = {
        "start": calendar.midnight(first - LOOK_BACK, zone),
        "end": calendar.midnight(last + calendar.DAY, zone),
    }
    session.execute(text(_SEEN), span | reach)
    session.execute(text("ANALYZE stage_seen"))
    session.execute(text(_GROUPS))
    session.execute(text("ANALYZE stage_groups"))
    session.execute(text(_COUNTED), span | {"longest": LONGEST_GAP_DAYS})
    session.execute(text(_WRITTEN), span)
    session.execute(text("DROP TABLE stage_seen, stage_groups, stage_counted"))
