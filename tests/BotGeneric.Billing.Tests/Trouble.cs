using Npgsql;

namespace BotGeneric.Billing.Tests;

/// <summary>Something that goes wrong when certain rows are written, a number of times: as when somebody else writes them at the same moment.</summary>
internal sealed class Trouble : IAsyncDisposable
{
    /// <summary>The connection is cut.</summary>
    public const string Cut = "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5);";

    private readonly string _connectionString;
    private readonly string _name;
    private readonly string _table;

    private Trouble(string connectionString, string name, string table) => (_connectionString, _name, _table) = (connectionString, name, table);

    /// <summary>Two transactions wait for each other, and this one is ended.</summary>
    public static string Deadlock => Error("40P01");

    /// <summary>Fails with a state of PostgreSQL's.</summary>
    public static string Error(string sqlState) => $"RAISE EXCEPTION 'something is in the way' USING ERRCODE = '{sqlState}';";

    /// <summary>Begins.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="table">Of which table.</param>
    /// <param name="rows">Which rows, such as <c>NEW.paddle_id = 'sub_1'</c>.</param>
    /// <param name="what">What happens.</param>
    /// <param name="times">How often, before the next attempt succeeds.</param>
    public static async Task<Trouble> BeginAsync(string connectionString, string table, string rows, string what, int times = int.MaxValue)
    {
        var trouble = new Trouble(connectionString, $"trouble_{Guid.CreateVersion7():N}", table);
        // A sequence counts on when a transaction is rolled back.
        await trouble.ExecuteAsync(
            $"""
            CREATE SEQUENCE {trouble._name};
            CREATE FUNCTION {trouble._name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN IF nextval('{trouble._name}') <= {times} THEN {what} END IF; RETURN NEW; END $$;
            CREATE TRIGGER {trouble._name} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW WHEN ({rows}) EXECUTE FUNCTION {trouble._name}();
            """);
        return trouble;
    }

    public async ValueTask DisposeAsync() =>
        await ExecuteAsync($"DROP TRIGGER {_name} ON {_table}; DROP FUNCTION {_name}(); DROP SEQUENCE {_name};");

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
