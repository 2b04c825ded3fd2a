namespace BotGeneric.Policy.Compilation;

/// <summary>
/// Says whether something that was read is still so. What changes for an account or a person raises that one's number; what was read under another number is not used
/// any more. So forgetting costs nothing, however much is remembered, and what was being read during a change is not used either. Many share a number: it is a cache.
/// </summary>
public sealed class EvictionStamps
{
    private const int Count = 8192;

    private readonly long[] _numbers = new long[Count];
    private long _everybody;

    /// <summary>The number of what is about everybody.</summary>
    internal long Everybody => Volatile.Read(ref _everybody);

    /// <summary>Everything that is remembered of a caller has to be read under this.</summary>
    internal EvictionStamp Of(PolicySubject subject) => new(
        Everybody, Volatile.Read(ref _numbers[Index(subject.AccountId)]), subject.UserId is { } user ? Volatile.Read(ref _numbers[Index(user)]) : 0);

    /// <summary>Forgets what is remembered of an account or a person.</summary>
    internal void Evict(Guid id) => Interlocked.Increment(ref _numbers[Index(id)]);

    /// <summary>Forgets everything.</summary>
    internal void EvictEverybody() => Interlocked.Increment(ref _everybody);

    private static int Index(Guid id) => (int)((uint)id.GetHashCode() % Count);
}

/// <summary>The numbers under which something was read.</summary>
internal readonly record struct EvictionStamp(long Everybody, long Account, long User);
