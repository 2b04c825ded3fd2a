namespace BotGeneric.WebUi.Errors;

/// <summary>What went wrong, as far as it matters to somebody who looks at a page. Each has texts of its own.</summary>
public enum ErrorKind
{
    /// <summary>The request cannot be read.</summary>
    Invalid,

    /// <summary>A form without the token of its page, or with one that is too old or another person's.</summary>
    StaleForm,

    /// <summary>Nobody is signed in any more.</summary>
    SignedOut,

    /// <summary>A sign-in that was begun elsewhere, took too long or was used already.</summary>
    SignInFailed,

    /// <summary>Not for this person.</summary>
    Forbidden,

    /// <summary>There is no such page.</summary>
    Missing,

    /// <summary>An address that takes a form and shows nothing.</summary>
    FormOnly,

    /// <summary>Somebody changed it meanwhile.</summary>
    Conflict,

    /// <summary>More was sent than is taken.</summary>
    TooLarge,

    /// <summary>A limit is reached.</summary>
    TooMany,

    /// <summary>A fault of ours.</summary>
    Fault,

    /// <summary>A part of the system broke off or was too slow; what was asked may have been done.</summary>
    Broken,

    /// <summary>A part of the system is away; nothing was done.</summary>
    Away,
}

/// <summary>What the page about an error shows.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="RetryAfterSeconds">When it may work again; null when nobody knows.</param>
/// <param name="TraceId">What an operator finds the request by; null without a trace.</param>
/// <param name="Here">The address that was asked for, when asking again does no harm.</param>
/// <param name="CameFrom">The page of ours that led here; null when none did.</param>
public sealed record ErrorModel(ErrorKind Kind, int? RetryAfterSeconds, string? TraceId, string? Here, string? CameFrom)
{
    /// <summary>Where to go from here, the likeliest first: an address and the key of its words.</summary>
    public IReadOnlyList<(string Address, string Key)> Ways =>
        [.. Possible().Where(way => way.Address is not null).Select(way => (way.Address!, way.Key)).DistinctBy(way => way.Item1)];

    private (string? Address, string Key)[] Possible() => Kind switch
    {
        ErrorKind.StaleForm => [(CameFrom, "way.form"), ("/login", "way.sign-in")],
        ErrorKind.SignedOut => [("/login", "way.sign-in"), ("/", "way.home")],
        ErrorKind.SignInFailed => [("/session/login", "way.sign-in-again"), ("/", "way.home")],
        ErrorKind.Missing => [(CameFrom, "way.back"), ("/", "way.home")],
        ErrorKind.Forbidden => [(CameFrom, "way.back"), ("/login", "way.sign-in"), ("/", "way.home")],
        ErrorKind.TooMany => [(Here, "way.again"), (CameFrom, "way.back"), ("/", "way.home")],
        ErrorKind.Fault or ErrorKind.Broken or ErrorKind.Away => [(Here, "way.again"), (CameFrom, "way.back"), ("/status", "way.status")],
        _ => [(CameFrom, "way.back"), ("/", "way.home")],
    };
}
