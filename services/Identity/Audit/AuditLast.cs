using BotGeneric.Identity.Domain;
using Microsoft.EntityFrameworkCore.Update;
using Microsoft.EntityFrameworkCore.Update.Internal;

namespace BotGeneric.Identity.Audit;

// Nothing else decides the order of the statements of one save. AuditOrderTests holds it for the version in use.
#pragma warning disable EF1001

/// <summary>
/// Writes entries of the audit log after everything else that is saved with them. Their number is taken under a lock that all writers share
/// (<see cref="AuditTrigger"/>): whoever has it waits for nobody any more, so no two transactions can wait for each other. By itself the library orders tables
/// by name, and <c>audit_entries</c> would come before <c>users</c>, which other transactions hold while they wait for the log. The lock is held for the
/// shortest time too.
/// </summary>
/// <param name="dependencies">What the library's own order needs.</param>
internal sealed class AuditLast(CommandBatchPreparerDependencies dependencies) : CommandBatchPreparer(dependencies)
{
    /// <inheritdoc />
    public override IReadOnlyList<List<IReadOnlyModificationCommand>> TopologicalSort(IEnumerable<IReadOnlyModificationCommand> commands)
    {
        var sets = base.TopologicalSort(commands);
        var entries = sets.SelectMany(set => set).Where(IsEntry).ToList();
        return entries.Count == 0
            ? sets
            : [.. sets.Select(set => set.FindAll(command => !IsEntry(command))).Where(set => set.Count > 0), entries];
    }

    private static bool IsEntry(IReadOnlyModificationCommand command) => command.Entries is [{ EntityType.ClrType: var type }, ..] && type == typeof(AuditEntry);
}
