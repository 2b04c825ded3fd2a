namespace BotGeneric.Usage.Queries;

/// <summary>What calls can be grouped and filtered by: the name in requests, and the column.</summary>
public static class Dimensions
{
    /// <summary>The person who caused the call.</summary>
    public const string User = "user";

    /// <summary>The API key.</summary>
    public const string ApiKey = "apiKey";

    /// <summary>What it was for.</summary>
    public const string Feature = "feature";

    /// <summary>The door it came through.</summary>
    public const string Channel = "channel";

    /// <summary>The model's provider.</summary>
    public const string Provider = "provider";

    /// <summary>The model.</summary>
    public const string Model = "model";

    /// <summary>The columns by name.</summary>
    public static IReadOnlyDictionary<string, string> Columns { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [User] = "user_id",
        [ApiKey] = "api_key_id",
        [Feature] = "feature",
        [Channel] = "channel",
        [Provider] = "provider",
        [Model] = "model",
    };
}

/// <summary>Only calls whose dimension has one of these values.</summary>
/// <param name="Name">One of <see cref="Dimensions"/>.</param>
/// <param name="Values">The values.</param>
public sealed record DimensionFilter(string Name, IReadOnlyList<string> Values);
