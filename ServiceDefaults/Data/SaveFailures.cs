using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BotGeneric.ServiceDefaults.Data;

/// <summary>
/// Logs what fails when changes are saved, in place of Entity Framework, unless the database has refused what somebody else had done first or what it can
/// never keep. That is an answer: whoever saved catches it and says 409, or does it again. Not caught, it is logged as the failure of its request or message.
/// </summary>
/// <param name="logger">Gets the failures.</param>
internal sealed partial class SaveFailures(ILogger<SaveFailures> logger) : SaveChangesInterceptor
{
    /// <summary>Lets this log what fails in a context, instead of Entity Framework, which calls all of it an error.</summary>
    /// <param name="options">The context's options.</param>
    internal void Watch(DbContextOptionsBuilder options) =>
        options.AddInterceptors(this).ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.SaveChangesFailed));

    /// <inheritdoc />
    public override void SaveChangesFailed(DbContextErrorEventData eventData) => Log(eventData);

    /// <inheritdoc />
    public override Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Log(eventData);
        return Task.CompletedTask;
    }

    private static bool IsAnswer(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is DbUpdateConcurrencyException or PostgresException
                {
                    SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation
                        or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
                        or PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter,
                })
            {
                return true;
            }
        }

        return false;
    }

    private void Log(DbContextErrorEventData failure)
    {
        if (IsAnswer(failure.Exception))
        {
            LogAnswer(logger, failure.Context?.GetType().Name, failure.Exception.GetBaseException().Message);
        }
        else
        {
            LogFailure(logger, failure.Exception, failure.Context?.GetType().Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The changes in {Context} could not be saved")]
    private static partial void LogFailure(ILogger logger, Exception exception, string? context);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The changes in {Context} collide with what is there ({Reason})")]
    private static partial void LogAnswer(ILogger logger, string? context, string reason);
}
