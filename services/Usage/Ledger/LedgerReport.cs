using System.Diagnostics;
using BotGeneric.Usage.Domain;

namespace BotGeneric.Usage.Ledger;

/// <summary>Entries that one caller has reported, and the caller's answer.</summary>
/// <param name="entries">The entries.</param>
internal sealed class LedgerReport(IReadOnlyList<LedgerEntry> entries)
{
    private readonly TaskCompletionSource<bool[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<LedgerEntry> Entries => entries;

    public Task<bool[]> Completion => _completion.Task;

    /// <summary>The trace of the report, which what is told of it belongs to.</summary>
    public ActivityContext Trace { get; } = Activity.Current?.Context ?? default;

    public void Succeed(bool[] stored) => _completion.TrySetResult(stored);

    public void Fail(Exception exception) => _completion.TrySetException(exception);
}
