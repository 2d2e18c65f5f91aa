-- small 1.0.0 (sha256 aa22f0a68bafe7bc7ba54381189d5f242311177e2ec928f65c3916ae64264d89)
-- A small ladder
-- Not for use.
--
-- Written for duckdb. It reads clinic.visits, a row for each patient, in which null means unknown:
--   visit: a key, passed through
--   fever: yes or no
--   weeks ill: ill_for, a number of weeks in the range 0 weeks .. 1 year
-- Unknown for all patients: pain.
--
-- It answers with a row for each, of these columns:
--   visit
--   problem: a value that is none, the constraints that no patient meets, or what is not plausible; then nothing else
--     is answered
--   answer: certain, provisional, open, unsettled (see below), or invalid
--   recommended: the recommended step
--   status_see: recommended, available, waiting, excluded, unsupported or open, from what is known
--   presumed_status_see: the same from what is known and presumed
--   status_wait: recommended, available, waiting, excluded, unsupported or open, from what is known
--   presumed_status_wait: the same from what is known and presumed
--   alert_haste: whether it holds, from what is known
--   presumed_alert_haste: the same from what is known and presumed
--
-- certain: whatever is unknown, the recommended step is the same. provisional: it rests on usual values that are
-- presumed, and others lead to another step. open: even with these no step follows. unsettled: not proved to be any of
-- them; where a step is recommended, it is the right one. The command expert cohort settles these.
-- Names of columns within: a definition as it is known; with 'presumed' before it, over what is known and presumed;
-- with 'toward N' or 'away from N', as far as what is unknown can argue for or against the N-th step; with 'open'
-- before it, as far as what is not even presumed can.
-- The steps: 1 see, 2 wait.
--
WITH "patient" AS (
  SELECT
    "visit" AS "key 1",
    NULLIF(
      CONCAT_WS(
        '; ',
        CASE
          WHEN (
            NOT (CAST("fever" AS TEXT) IN ('yes', 'true', 'no', 'false') OR CAST("fever" AS TEXT) IN ('unknown'))
          ) IS TRUE THEN 'fever: expected yes or no'
        END,
        CASE
          WHEN (
            CAST("weeks ill" AS TEXT) <> 'unknown'
            AND NOT COALESCE(
              TRY_CAST(REGEXP_EXTRACT(
                CAST("weeks ill" AS TEXT),
                '^ *([+-]?([0-9]{1,99}[.]?[0-9]{0,99}|[.][0-9]{1,99})([eE]([+-]?[0-9]{1,2}|-1[0-9]{2}))?) *$',
                0
              ) AS DOUBLE) >= 0
              AND TRY_CAST(REGEXP_EXTRACT(
                CAST("weeks ill" AS TEXT),
                '^ *([+-]?([0-9]{1,99}[.]?[0-9]{0,99}|[.][0-9]{1,99})([eE]([+-]?[0-9]{1,2}|-1[0-9]{2}))?) *$',
                0
              ) AS DOUBLE) <= CAST('52.17857142857143' AS DOUBLE),
              FALSE
            )
          ) IS TRUE THEN 'weeks ill: expected a number of weeks in the range 0 weeks .. 1 year'
        END
      ),
      ''
    ) AS "bad value",
    CASE
      WHEN (CAST("fever" AS TEXT) IN ('yes', 'true')) IS TRUE THEN TRUE
      WHEN (CAST("fever" AS TEXT) IN ('no', 'false')) IS TRUE THEN FALSE
    END AS "fever",
    CAST(NULL AS TEXT) AS "pain",
    CASE
      WHEN (
        TRY_CAST(REGEXP_EXTRACT(
          CAST("weeks ill" AS TEXT),
          '^ *([+-]?([0-9]{1,99}[.]?[0-9]{0,99}|[.][0-9]{1,99})([eE]([+-]?[0-9]{1,2}|-1[0-9]{2}))?) *$',
          0
        ) AS DOUBLE) >= 0
        AND TRY_CAST(REGEXP_EXTRACT(
          CAST("weeks ill" AS TEXT),
          '^ *([+-]?([0-9]{1,99}[.]?[0-9]{0,99}|[.][0-9]{1,99})([eE]([+-]?[0-9]{1,2}|-1[0-9]{2}))?) *$',
          0
        ) AS DOUBLE) <= 0
      ) IS TRUE THEN 0
      WHEN (
        TRY_CAST(REGEXP_EXTRACT(
          CAST("weeks ill" AS TEXT),
          '^ *([+-]?([0-9]{1,99}[.]?[0-9]{0,99}|[.][0-9]{1,99})([eE]([+-]?[0-9]{1,2}|-1[0-9]{2}))?) *$',
          0
        ) AS DOUBLE) > 0
        AND TRY_CAST(REGEXP_EXTRACT(
          CAST("weeks ill" AS TEXT),
          '^ *([+-]?([0-9]{1,99}[.]?[0-9]{0,99}|[.][0-9]{1,99})([eE]([+-]?[0-9]{1,2}|-1[0-9]{2}))?) *$',
          0
        ) AS DOUBLE) < CAST('4.348214285714286' AS DOUBLE)
      ) IS TRUE THEN CAST('15.21875' AS DOUBLE)
      WHEN (
        TRY_CAST(REGEXP_EXTRACT(
          CAST("weeks ill" AS TEXT),
          '^ *([+-]?([0-9]{1,99}[.]?[0-9]{0,99}|[.][0-9]{1,99})([eE]([+-]?[0-9]{1,2}|-1[0-9]{2}))?) *$',
          0
        ) AS DOUBLE) >= CAST('4.348214285714286' AS DOUBLE)
        AND TRY_CAST(REGEXP_EXTRACT(
          CAST("weeks ill" AS TEXT),
          '^ *([+-]?([0-9]{1,99}[.]?[0-9]{0,99}|[.][0-9]{1,99})([eE]([+-]?[0-9]{1,2}|-1[0-9]{2}))?) *$',
          0
        ) AS DOUBLE) <= CAST('4.348214285714285' AS DOUBLE)
      ) IS TRUE THEN CAST('30.4375' AS DOUBLE)
      WHEN (
        TRY_CAST(REGEXP_EXTRACT(
          CAST("weeks ill" AS TEXT),
          '^ *([+-]?([0-9]{1,99}[.]?[0-9]{0,99}|[.][0-9]{1,99})([eE]([+-]?[0-9]{1,2}|-1[0-9]{2}))?) *$',
          0
        ) AS DOUBLE) > CAST('4.348214285714285' AS DOUBLE)
        AND TRY_CAST(REGEXP_EXTRACT(
          CAST("weeks ill" AS TEXT),
          '^ *([+-]?([0-9]{1,99}[.]?[0-9]{0,99}|[.][0-9]{1,99})([eE]([+-]?[0-9]{1,2}|-1[0-9]{2}))?) *$',
          0
        ) AS DOUBLE) <= CAST('52.17857142857143' AS DOUBLE)
      ) IS TRUE THEN CAST('197.84375' AS DOUBLE)
    END AS "given ill_for"
  FROM "clinic"."visits"
), "stratum 1" AS (
  SELECT
    "key 1", "pain",
    NULLIF(
      CONCAT_WS(
        '; ',
        "bad value",
        CASE
          WHEN ("pain" = 'none' AND "given ill_for" > 0) IS TRUE THEN 'these facts contradict each other (who-is-well-was-never-ill)'
          WHEN (
            "pain" IN ('none')
            AND (
              ("given ill_for" > 0 AND "given ill_for" < CAST('30.4375' AS DOUBLE))
              OR ("given ill_for" >= CAST('30.4375' AS DOUBLE) AND "given ill_for" <= CAST('30.4375' AS DOUBLE))
              OR "given ill_for" > CAST('30.4375' AS DOUBLE)
            )
          ) IS TRUE THEN 'these facts contradict each other (who-is-well-was-never-ill)'
        END
      ),
      ''
    ) AS "problem",
    COALESCE("given ill_for", CASE WHEN ("pain" IN ('none')) IS TRUE THEN 0 END) AS "ill_for",
    "fever" AND "pain" = 'much' AS "rule fever-is-serious",
    TRUE AS "rule all-may-wait",
    FALSE AS "excludes see",
    COALESCE("fever", FALSE) AND COALESCE("pain", 'some') = 'much' AS "presumed rule fever-is-serious",
    TRUE AS "presumed rule all-may-wait",
    FALSE AS "presumed excludes see",
    COALESCE("fever", TRUE) AND COALESCE("pain", 'much') = 'much' AS "toward 1 rule fever-is-serious",
    FALSE AS "toward 1 excludes see",
    COALESCE("fever", FALSE) AND COALESCE("pain", 'some') = 'much' AS "toward 2 rule fever-is-serious",
    TRUE AS "toward 2 rule all-may-wait",
    FALSE AS "toward 2 excludes see",
    COALESCE("fever", FALSE) AND COALESCE("pain", 'some') = 'much' AS "away from 1 rule fever-is-serious",
    FALSE AS "away from 1 excludes see",
    COALESCE("fever", FALSE) AND COALESCE(COALESCE("pain", 'some'), 'much') = 'much' AS "open toward 1 rule fever-is-serious",
    FALSE AS "open toward 1 excludes see",
    COALESCE("fever", FALSE) AND COALESCE(COALESCE("pain", 'some'), 'some') = 'much' AS "open toward 2 rule fever-is-serious",
    TRUE AS "open toward 2 rule all-may-wait",
    FALSE AS "open toward 2 excludes see",
    COALESCE("fever", FALSE) AND COALESCE(COALESCE("pain", 'some'), 'some') = 'much' AS "open away from 1 rule fever-is-serious",
    FALSE AS "open away from 1 excludes see"
  FROM "patient"
), "stratum 2" AS (
  SELECT
    "key 1", "problem", "excludes see", "presumed excludes see", "toward 1 excludes see", "toward 2 excludes see",
    "away from 1 excludes see", "open toward 1 excludes see", "open toward 2 excludes see",
    "open away from 1 excludes see",
    "ill_for" > CAST('30.4375' AS DOUBLE) AS "rule long-illness-is-seen",
    "rule fever-is-serious" AS "finding serious",
    "rule all-may-wait" AS "supports wait",
    COALESCE("ill_for", 0) > CAST('30.4375' AS DOUBLE) AS "presumed rule long-illness-is-seen",
    "presumed rule fever-is-serious" AS "presumed finding serious",
    "presumed rule all-may-wait" AS "presumed supports wait",
    COALESCE(
      "ill_for",
      CASE
        WHEN (COALESCE("pain", 'much') IN ('none')) IS TRUE THEN NULL
        ELSE CAST('197.84375' AS DOUBLE)
      END
    ) AS "toward 1 ill_for",
    "toward 1 rule fever-is-serious" AS "toward 1 finding serious",
    COALESCE("ill_for", 0) > CAST('30.4375' AS DOUBLE) AS "toward 2 rule long-illness-is-seen",
    "toward 2 rule fever-is-serious" AS "toward 2 finding serious",
    "toward 2 rule all-may-wait" AS "toward 2 supports wait",
    COALESCE("ill_for", 0) > CAST('30.4375' AS DOUBLE) AS "away from 1 rule long-illness-is-seen",
    "away from 1 rule fever-is-serious" AS "away from 1 finding serious",
    COALESCE(
      COALESCE("ill_for", 0),
      CASE
        WHEN (COALESCE(COALESCE("pain", 'some'), 'much') IN ('none')) IS TRUE THEN NULL
        ELSE CAST('197.84375' AS DOUBLE)
      END
    ) AS "open toward 1 ill_for",
    "open toward 1 rule fever-is-serious" AS "open toward 1 finding serious",
    COALESCE(COALESCE("ill_for", 0), 0) > CAST('30.4375' AS DOUBLE) AS "open toward 2 rule long-illness-is-seen",
    "open toward 2 rule fever-is-serious" AS "open toward 2 finding serious",
    "open toward 2 rule all-may-wait" AS "open toward 2 supports wait",
    COALESCE(COALESCE("ill_for", 0), 0) > CAST('30.4375' AS DOUBLE) AS "open away from 1 rule long-illness-is-seen",
    "open away from 1 rule fever-is-serious" AS "open away from 1 finding serious"
  FROM "stratum 1"
), "stratum 3" AS (
  SELECT
    "key 1", "problem", "rule long-illness-is-seen", "excludes see", "supports wait",
    "presumed rule long-illness-is-seen", "presumed excludes see", "presumed supports wait", "toward 1 excludes see",
    "toward 2 rule long-illness-is-seen", "toward 2 excludes see", "toward 2 supports wait",
    "away from 1 rule long-illness-is-seen", "away from 1 excludes see", "open toward 1 excludes see",
    "open toward 2 rule long-illness-is-seen", "open toward 2 excludes see", "open toward 2 supports wait",
    "open away from 1 rule long-illness-is-seen", "open away from 1 excludes see",
    "finding serious" AS "rule who-is-serious-is-seen",
    "finding serious" AS "rule no-waiting-in-haste",
    "presumed finding serious" AS "presumed rule who-is-serious-is-seen",
    "presumed finding serious" AS "presumed rule no-waiting-in-haste",
    "toward 1 ill_for" > CAST('30.4375' AS DOUBLE) AS "toward 1 rule long-illness-is-seen",
    "toward 1 finding serious" AS "toward 1 rule who-is-serious-is-seen",
    "toward 2 finding serious" AS "toward 2 rule who-is-serious-is-seen",
    "toward 2 finding serious" AS "toward 2 rule no-waiting-in-haste",
    "away from 1 finding serious" AS "away from 1 rule who-is-serious-is-seen",
    "open toward 1 ill_for" > CAST('30.4375' AS DOUBLE) AS "open toward 1 rule long-illness-is-seen",
    "open toward 1 finding serious" AS "open toward 1 rule who-is-serious-is-seen",
    "open toward 2 finding serious" AS "open toward 2 rule who-is-serious-is-seen",
    "open toward 2 finding serious" AS "open toward 2 rule no-waiting-in-haste",
    "open away from 1 finding serious" AS "open away from 1 rule who-is-serious-is-seen"
  FROM "stratum 2"
), "stratum 4" AS (
  SELECT
    "key 1", "problem", "excludes see", "supports wait", "presumed excludes see", "presumed supports wait",
    "toward 1 excludes see", "toward 2 excludes see", "toward 2 supports wait", "away from 1 excludes see",
    "open toward 1 excludes see", "open toward 2 excludes see", "open toward 2 supports wait",
    "open away from 1 excludes see",
    "rule who-is-serious-is-seen" OR "rule long-illness-is-seen" AS "supports see",
    "rule no-waiting-in-haste" AS "excludes wait",
    "rule who-is-serious-is-seen" AS "alert haste",
    "presumed rule who-is-serious-is-seen" OR "presumed rule long-illness-is-seen" AS "presumed supports see",
    "presumed rule no-waiting-in-haste" AS "presumed excludes wait",
    "presumed rule who-is-serious-is-seen" AS "presumed alert haste",
    "toward 1 rule who-is-serious-is-seen" OR "toward 1 rule long-illness-is-seen" AS "toward 1 supports see",
    "toward 2 rule who-is-serious-is-seen" OR "toward 2 rule long-illness-is-seen" AS "toward 2 supports see",
    "toward 2 rule no-waiting-in-haste" AS "toward 2 excludes wait",
    "away from 1 rule who-is-serious-is-seen" OR "away from 1 rule long-illness-is-seen" AS "away from 1 supports see",
    "open toward 1 rule who-is-serious-is-seen" OR "open toward 1 rule long-illness-is-seen" AS "open toward 1 supports see",
    "open toward 2 rule who-is-serious-is-seen" OR "open toward 2 rule long-illness-is-seen" AS "open toward 2 supports see",
    "open toward 2 rule no-waiting-in-haste" AS "open toward 2 excludes wait",
    "open away from 1 rule who-is-serious-is-seen" OR "open away from 1 rule long-illness-is-seen" AS "open away from 1 supports see"
  FROM "stratum 3"
), "stratum 5" AS (
  SELECT
    "key 1", "problem", "excludes see", "supports wait", "supports see", "excludes wait", "presumed excludes see",
    "presumed supports wait", "presumed supports see", "presumed excludes wait",
    "supports see" AND NOT "excludes see" AS "available see",
    "supports wait" AND NOT "excludes wait" AS "available wait",
    "presumed supports see" AND NOT "presumed excludes see" AS "presumed available see",
    "presumed supports wait" AND NOT "presumed excludes wait" AS "presumed available wait",
    "toward 1 supports see" AND NOT "toward 1 excludes see" AS "toward 1 available see",
    "toward 2 supports see" AND NOT "toward 2 excludes see" AS "toward 2 available see",
    "toward 2 supports wait" AND NOT "toward 2 excludes wait" AS "toward 2 available wait",
    "away from 1 supports see" AND NOT "away from 1 excludes see" AS "away from 1 available see",
    "open toward 1 supports see" AND NOT "open toward 1 excludes see" AS "open toward 1 available see",
    "open toward 2 supports see" AND NOT "open toward 2 excludes see" AS "open toward 2 available see",
    "open toward 2 supports wait" AND NOT "open toward 2 excludes wait" AS "open toward 2 available wait",
    "open away from 1 supports see" AND NOT "open away from 1 excludes see" AS "open away from 1 available see",
    "alert haste" AS "alert_haste",
    "presumed alert haste" AS "presumed_alert_haste"
  FROM "stratum 4"
), "stratum 6" AS (
  SELECT
    "key 1", "problem", "excludes see", "supports wait", "supports see", "excludes wait", "available see",
    "available wait", "presumed excludes see", "presumed supports wait", "presumed supports see",
    "presumed excludes wait", "presumed available see", "presumed available wait", "alert_haste",
    "presumed_alert_haste",
    "available see" AS "recommended see",
    "available wait" AND NOT "available see" AS "recommended wait",
    "presumed available see" AS "presumed recommended see",
    "presumed available wait" AND NOT "presumed available see" AS "presumed recommended wait",
    "toward 1 available see" AS "toward 1 recommended see",
    "toward 2 available wait" AND NOT "toward 2 available see" AS "toward 2 recommended wait",
    "away from 1 available see" AS "away from 1 recommended see",
    "open toward 1 available see" AS "open toward 1 recommended see",
    "open toward 2 available wait" AND NOT "open toward 2 available see" AS "open toward 2 recommended wait",
    "open away from 1 available see" AS "open away from 1 recommended see"
  FROM "stratum 5"
), "stratum 7" AS (
  SELECT
    "key 1", "problem", "alert_haste", "presumed_alert_haste",
    CASE
      WHEN ("recommended see" OR "recommended wait") IS TRUE THEN 'certain'
      WHEN (NOT "presumed recommended see" AND NOT "presumed recommended wait") IS TRUE THEN 'open'
      WHEN (
        ("presumed recommended see" OR "presumed recommended wait")
        AND (
          (
            ("toward 1 recommended see" AND NOT "presumed recommended see")
            OR ("toward 2 recommended wait" AND NOT "presumed recommended wait")
          )
          OR ("presumed recommended see" AND NOT "away from 1 recommended see")
        )
      ) IS TRUE THEN 'provisional'
      WHEN (
        ("open toward 1 recommended see" AND "open toward 2 recommended wait")
        OR ("open toward 1 recommended see" AND NOT "open away from 1 recommended see")
      ) IS TRUE THEN 'open'
      ELSE 'unsettled'
    END AS "answer",
    CASE
      WHEN "presumed recommended see" IS TRUE THEN 'see'
      WHEN "presumed recommended wait" IS TRUE THEN 'wait'
    END AS "recommended",
    CASE
      WHEN "excludes see" IS TRUE THEN 'excluded'
      WHEN "recommended see" IS TRUE THEN 'recommended'
      WHEN (NOT "supports see") IS TRUE THEN 'unsupported'
      WHEN "available see" IS TRUE THEN 'available'
      ELSE 'open'
    END AS "status_see",
    CASE
      WHEN "presumed excludes see" IS TRUE THEN 'excluded'
      WHEN "presumed recommended see" IS TRUE THEN 'recommended'
      WHEN (NOT "presumed supports see") IS TRUE THEN 'unsupported'
      WHEN "presumed available see" IS TRUE THEN 'available'
      ELSE 'open'
    END AS "presumed_status_see",
    CASE
      WHEN "excludes wait" IS TRUE THEN 'excluded'
      WHEN "recommended wait" IS TRUE THEN 'recommended'
      WHEN (NOT "supports wait") IS TRUE THEN 'unsupported'
      WHEN ("available wait" AND "recommended see") IS TRUE THEN 'waiting'
      WHEN "available wait" IS TRUE THEN 'available'
      ELSE 'open'
    END AS "status_wait",
    CASE
      WHEN "presumed excludes wait" IS TRUE THEN 'excluded'
      WHEN "presumed recommended wait" IS TRUE THEN 'recommended'
      WHEN (NOT "presumed supports wait") IS TRUE THEN 'unsupported'
      WHEN ("presumed available wait" AND "presumed recommended see") IS TRUE THEN 'waiting'
      WHEN "presumed available wait" IS TRUE THEN 'available'
      ELSE 'open'
    END AS "presumed_status_wait"
  FROM "stratum 6"
)
SELECT
  "key 1" AS "visit",
  "problem",
  CASE WHEN ("problem" IS NULL) IS TRUE THEN "answer" ELSE 'invalid' END AS "answer",
  CASE WHEN ("problem" IS NULL) IS TRUE THEN "recommended" END AS "recommended",
  CASE WHEN ("problem" IS NULL) IS TRUE THEN "status_see" END AS "status_see",
  CASE WHEN ("problem" IS NULL) IS TRUE THEN "presumed_status_see" END AS "presumed_status_see",
  CASE WHEN ("problem" IS NULL) IS TRUE THEN "status_wait" END AS "status_wait",
  CASE WHEN ("problem" IS NULL) IS TRUE THEN "presumed_status_wait" END AS "presumed_status_wait",
  CASE WHEN ("problem" IS NULL) IS TRUE THEN "alert_haste" END AS "alert_haste",
  CASE WHEN ("problem" IS NULL) IS TRUE THEN "presumed_alert_haste" END AS "presumed_alert_haste"
FROM "stratum 7"
