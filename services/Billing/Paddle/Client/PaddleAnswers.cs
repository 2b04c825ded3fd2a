using System.Diagnostics.CodeAnalysis;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>What Paddle wraps every answer in.</summary>
/// <typeparam name="T">What is answered: an entity, or a list of them.</typeparam>
internal sealed record PaddleAnswer<T>
{
    /// <summary>What is answered.</summary>
    public required T Data { get; init; }

    /// <summary>About the answer.</summary>
    public PaddleMeta? Meta { get; init; }
}

/// <summary>About an answer.</summary>
internal sealed record PaddleMeta(string? RequestId, PaddlePagination? Pagination);

/// <summary>About a page. There is always a next address, also after the last page: only <see cref="HasMore"/> counts.</summary>
internal sealed record PaddlePagination(int PerPage, string? Next, bool HasMore, int EstimatedTotal);

/// <summary>What Paddle answers instead of data.</summary>
internal sealed record PaddleErrorAnswer(PaddleErrorBody? Error, PaddleMeta? Meta);

/// <summary>What is wrong.</summary>
internal sealed record PaddleErrorBody
{
    /// <summary>Paddle's code.</summary>
    public string? Code { get; init; }

    /// <summary>For developers.</summary>
    public string? Detail { get; init; }

    /// <summary>What is wrong with single fields.</summary>
    [AllowNull]
    public IReadOnlyList<PaddleFieldError> Errors { get; init => field = value ?? []; } = [];
}
