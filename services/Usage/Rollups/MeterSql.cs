using BotGeneric.Usage.Meters;

namespace BotGeneric.Usage.Rollups;

/// <summary>
/// What an event of the operator's meters adds to their rollups. A correction adds its difference where the meter adds up or counts; the largest, the latest and the different
/// values are those of the events that were not taken back.
/// </summary>
internal static class MeterSql
{
    /// <summary>The columns of a cell.</summary>
    public const string Columns = "account_id, meter, bucket, is_archived, dimensions, events, corrections, total, highest, latest, latest_at, latest_entry_id";

    // A value that a meter measures is a number in plain digits: what JSON writes otherwise, jsonb has written out. Long texts would not fit into an index. A correction is recorded
    // after its entry, by a clock that may be behind, so only the partitions from that of the entry on are looked into.
    private const string Measured =
        $$"""
        SELECT e.account_id, e.user_id, m.code AS meter, m.aggregation, date_bin('15 minutes', e.time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS bucket, e.time, e.id,
               coalesce((SELECT jsonb_object_agg(name, left(e.data #>> string_to_array(name, '.'), 200)) FROM unnest(m.dimensions) AS name), '{}'::jsonb) AS dimensions,
               e.corrects_entry_id IS NOT NULL AS is_correction,
               CASE WHEN e.corrects_entry_id IS NOT NULL THEN (e.meter_differences ->> m.code)::numeric WHEN v.text ~ '^{{MeterValue.Form}}$' THEN v.text::numeric END AS number,
               CASE WHEN length(v.text) <= 200 THEN v.text ELSE 'sha256:' || encode(sha256(convert_to(v.text, 'UTF8')), 'hex') END AS text
          FROM ledger AS e
          JOIN meters AS m ON m.event_type = e.type
         CROSS JOIN LATERAL (SELECT e.data #>> string_to_array(m.value_property, '.') AS text) AS v
         WHERE CASE
               WHEN e.corrects_entry_id IS NOT NULL THEN m.aggregation IN ('sum', 'count') AND jsonb_exists(e.meter_differences, m.code)
               WHEN e.recorded_at < m.created_at OR e.recorded_at >= m.archived_at THEN false
               WHEN m.aggregation IN ('sum', 'count') THEN true
               ELSE NOT EXISTS (SELECT 1 FROM ledger AS c WHERE c.corrects_entry_id = e.id AND jsonb_exists(c.meter_differences, m.code)
                                   AND c.recorded_at >= e.recorded_at - interval '1 day')
               END
        """;

    /// <summary>What each meter measured in entries <c>e</c> that satisfy a condition.</summary>
    /// <param name="condition">The condition.</param>
    public static string MeasuredEntries(string condition) => $"{Measured} AND {condition}";

    /// <summary>How many events a meter that counts has, out of measured entries.</summary>
    public const string Events = "count(*) FILTER (WHERE NOT is_correction) + coalesce(sum(number) FILTER (WHERE is_correction AND aggregation = 'count'), 0)::bigint";

    /// <summary>Cells of meters out of entries that satisfy a condition. An event without the value is none of the meter's.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="archived">Whether the cells are archived.</param>
    public static string Cells(string condition, bool archived = false) =>
        $"""
        SELECT account_id, meter, bucket, {(archived ? "true" : "false")}, dimensions, {Events}, count(*) FILTER (WHERE is_correction),
               coalesce(sum(number) FILTER (WHERE aggregation <> 'count'), 0), max(number) FILTER (WHERE NOT is_correction),
               (array_agg(number ORDER BY time DESC, id DESC) FILTER (WHERE NOT is_correction))[1],
               coalesce(max(time) FILTER (WHERE NOT is_correction), '-infinity'),
               coalesce((array_agg(id ORDER BY time DESC, id DESC) FILTER (WHERE NOT is_correction))[1], '00000000-0000-0000-0000-000000000000')
          FROM ({MeasuredEntries(condition)}) AS measured
         WHERE aggregation = 'count' OR (aggregation = 'unique' AND text IS NOT NULL) OR number IS NOT NULL
         GROUP BY account_id, meter, bucket, dimensions
         ORDER BY account_id, meter, bucket, dimensions
        """;

    /// <summary>The different values of meters that count them.</summary>
    /// <param name="condition">The condition, about <c>e</c>.</param>
    /// <param name="archived">Whether the cells are archived.</param>
    public static string Uniques(string condition, bool archived = false) =>
        $"""
        SELECT DISTINCT account_id, meter, bucket, {(archived ? "true" : "false")}, dimensions, text
          FROM ({MeasuredEntries(condition)}) AS measured
         WHERE aggregation = 'unique' AND text IS NOT NULL
         ORDER BY 1, 2, 3, 5, 6
        """;

    /// <summary>Adds cells of meters.</summary>
    /// <param name="condition">The condition, about <c>e</c>.</param>
    /// <param name="archived">Whether the cells are archived.</param>
    public static string AddCells(string condition, bool archived = false) => $"{InsertCells}\n{Cells(condition, archived)}\n{MergeCells}";

    /// <summary>Adds the different values of meters that count them.</summary>
    /// <param name="condition">The condition, about <c>e</c>.</param>
    /// <param name="archived">Whether the cells are archived.</param>
    public static string AddUniques(string condition, bool archived = false) =>
        $"INSERT INTO meter_uniques (account_id, meter, bucket, is_archived, dimensions, value)\n{Uniques(condition, archived)}\nON CONFLICT DO NOTHING";

    /// <summary>Begins to add cells of meters.</summary>
    public const string InsertCells = $"INSERT INTO meter_rollups ({Columns})";

    /// <summary>Adds cells of meters to those that are there.</summary>
    public const string MergeCells =
        """
        ON CONFLICT (account_id, meter, bucket, is_archived, dimensions) DO UPDATE SET
            events = meter_rollups.events + excluded.events,
            corrections = meter_rollups.corrections + excluded.corrections,
            total = meter_rollups.total + excluded.total,
            highest = greatest(meter_rollups.highest, excluded.highest),
            latest = CASE WHEN (excluded.latest_at, excluded.latest_entry_id) > (meter_rollups.latest_at, meter_rollups.latest_entry_id) THEN excluded.latest ELSE meter_rollups.latest END,
            latest_entry_id = CASE WHEN (excluded.latest_at, excluded.latest_entry_id) > (meter_rollups.latest_at, meter_rollups.latest_entry_id) THEN excluded.latest_entry_id ELSE meter_rollups.latest_entry_id END,
            latest_at = greatest(meter_rollups.latest_at, excluded.latest_at)
        """;
}
