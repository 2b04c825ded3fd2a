using Npgsql;

namespace BotGeneric.Policy.Data;

/// <summary>Tells that the database is away from everything else that can go wrong with it.</summary>
internal static class DatabaseOutage
{
    /// <summary>Whether an exception says that the database does not answer. Entity Framework wraps what the driver says once or twice, depending on the operation.</summary>
    internal static bool Is(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is NpgsqlException { IsTransient: true } or TimeoutException)
            {
                return true;
            }
        }

        return false;
    }
}
