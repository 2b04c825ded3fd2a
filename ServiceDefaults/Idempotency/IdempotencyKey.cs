using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.ServiceDefaults.Idempotency;

/// <summary>A request that must not be carried out twice, and its answer once there is one.</summary>
public sealed class IdempotencyKey
{
    /// <summary>Who sent it: the subject of the caller's credential, and the organization in whose name. Two callers may use the same key.</summary>
    public required string Owner { get; init; }

    /// <summary>The value of the <c>Idempotency-Key</c> header.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of method, path with query, and body.</summary>
    public required byte[] RequestHash { get; init; }

    /// <summary>When the request was taken up, UTC. After 24 hours the key is free again.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The answer's HTTP status; null while the request is being carried out.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The answer's media type.</summary>
    public string? ContentType { get; init; }

    /// <summary>The answer's <c>Location</c> header.</summary>
    public string? Location { get; init; }

    /// <summary>The answer's body, byte for byte; null while there is none, and for an answer that holds a secret.</summary>
    public byte[]? Body { get; init; }
}

/// <summary>What is kept of the answer to a request with an <c>Idempotency-Key</c>.</summary>
public enum IdempotentAnswer
{
    /// <summary>All of it: a repeated request gets it again.</summary>
    Kept,

    /// <summary>
    /// Status and <c>Location</c> only, when the request succeeded, because the body holds a secret that is shown once. A repeated request is not carried
    /// out either; it is 409 with that <c>Location</c>, and says what to do. A refusal holds no secret and is kept whole.
    /// </summary>
    Withheld,
}

/// <summary>Marks an endpoint that honours <c>Idempotency-Key</c>.</summary>
/// <param name="answer">What is kept of the answer.</param>
public sealed class IdempotentMetadata(IdempotentAnswer answer = IdempotentAnswer.Kept)
{
    /// <summary>What is kept of the answer.</summary>
    public IdempotentAnswer Answer { get; } = answer;
}

/// <summary>Where idempotency keys are declared: on the endpoint and in the service's database.</summary>
public static class IdempotencyKeyExtensions
{
    /// <summary>
    /// Makes an endpoint honour the <c>Idempotency-Key</c> header: the first answer is stored for 24 hours and replayed; the same key
    /// with another request is 422; a key whose request is still being carried out is 409.
    /// </summary>
    /// <typeparam name="TBuilder">The endpoint or group.</typeparam>
    /// <param name="builder">The endpoint or group.</param>
    /// <param name="answer">What is kept of the answer. An endpoint that shows a secret once says <see cref="IdempotentAnswer.Withheld"/>.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder WithIdempotencyKey<TBuilder>(this TBuilder builder, IdempotentAnswer answer = IdempotentAnswer.Kept)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new IdempotentMetadata(answer));

    /// <summary>Maps the table <c>idempotency_keys</c> into a service's own database.</summary>
    /// <param name="modelBuilder">The model being built.</param>
    public static void AddIdempotencyKeys(this ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.Entity<IdempotencyKey>(entity =>
        {
            entity.ToTable("idempotency_keys");
            entity.HasKey(row => new { row.Owner, row.Key });
            entity.Property(row => row.Owner).HasMaxLength(200);
            entity.Property(row => row.Key).HasMaxLength(IdempotencyMiddleware.MaximumKeyLength);
            entity.HasIndex(row => row.CreatedAt);
        });
    }
}
