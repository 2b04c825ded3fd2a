namespace BotGeneric.Policy.Domain;

/// <summary>What an admin did to a policy.</summary>
public enum PolicyChange
{
    /// <summary>Created it.</summary>
    Created,

    /// <summary>Gave it other terms.</summary>
    Updated,

    /// <summary>Took it out of force for good.</summary>
    Archived,

    /// <summary>Gave it the terms of an earlier version, and put it into force again if it was archived.</summary>
    Restored,
}

/// <summary>Limits and access rules that an admin has set. Every change makes a version, and versions are kept.</summary>
public sealed class LimitPolicy
{
    private LimitPolicy()
    {
    }

    /// <summary>The policy.</summary>
    public Guid Id { get; private set; }

    /// <summary>Its stable name, unique for good.</summary>
    public string Code { get; private set; } = string.Empty;

    /// <summary>What it says.</summary>
    public PolicyTerms Terms { get; private set; } = new(string.Empty, default, new PolicyDocument());

    /// <summary>The number of its latest version. Grows by one with each change.</summary>
    public int Version { get; private set; }

    /// <summary>When it was taken out of force, UTC; null while it is in it.</summary>
    public DateTimeOffset? ArchivedAt { get; private set; }

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it was changed last, UTC.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Creates a policy.</summary>
    /// <param name="code">Its stable name.</param>
    /// <param name="terms">What it says, validated.</param>
    /// <param name="now">The present moment.</param>
    public static LimitPolicy Create(string code, PolicyTerms terms, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Code = code,
        Terms = terms,
        Version = 1,
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>Gives it other terms.</summary>
    /// <param name="terms">What it says from now on, validated.</param>
    /// <param name="now">The present moment.</param>
    public void Change(PolicyTerms terms, DateTimeOffset now)
    {
        Terms = terms;
        Next(now);
    }

    /// <summary>Takes it out of force. Safe to repeat: an archived policy stays as it is.</summary>
    /// <param name="now">The present moment.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Archive(DateTimeOffset now)
    {
        if (ArchivedAt is not null)
        {
            return false;
        }

        ArchivedAt = now;
        Next(now);
        return true;
    }

    /// <summary>Puts earlier terms into force again, as a new version.</summary>
    /// <param name="terms">The earlier terms.</param>
    /// <param name="now">The present moment.</param>
    public void Restore(PolicyTerms terms, DateTimeOffset now)
    {
        Terms = terms;
        ArchivedAt = null;
        Next(now);
    }

    private void Next(DateTimeOffset now)
    {
        Version++;
        UpdatedAt = now;
    }
}

/// <summary>One version of a policy, whole. Written once, never changed.</summary>
public sealed class PolicyVersion
{
    /// <summary>The policy.</summary>
    public required Guid PolicyId { get; init; }

    /// <summary>1 for the first.</summary>
    public required int Version { get; init; }

    /// <summary>What it said.</summary>
    public required PolicyTerms Terms { get; init; }

    /// <summary>What was done.</summary>
    public required PolicyChange Change { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>By whom: the subject of the admin's token.</summary>
    public required string ChangedBy { get; init; }

    /// <summary>Why, in the admin's words.</summary>
    public required string Reason { get; init; }
}
