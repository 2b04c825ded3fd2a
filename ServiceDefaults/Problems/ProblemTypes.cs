using Microsoft.AspNetCore.Http;

namespace BotGeneric.ServiceDefaults.Problems;

/// <summary>
/// The stable <c>type</c> values of RFC 9457 problem details. Clients branch on them; titles are for people and follow the caller's language.
/// </summary>
public static class ProblemTypes
{
    private const string Prefix = "urn:botgeneric:problem:";

    /// <summary>400: the request cannot be read or breaks a rule; <c>errors</c> names the fields.</summary>
    public const string Invalid = Prefix + "invalid-request";

    /// <summary>401: no valid credential.</summary>
    public const string Unauthenticated = Prefix + "unauthenticated";

    /// <summary>401: the credential is good, and this demands a more recent sign-in (RFC 9470).</summary>
    public const string SignInAgain = Prefix + "sign-in-again";

    /// <summary>401: the API key is none that was issued, or it was revoked. Which of the two is nobody's business who does not own it.</summary>
    public const string InvalidKey = Prefix + "invalid-key";

    /// <summary>401: the API key has reached the end that was set for it. Said only to whoever sends the whole key.</summary>
    public const string ExpiredKey = Prefix + "expired-key";

    /// <summary>401: the access token has expired.</summary>
    public const string ExpiredToken = Prefix + "expired-token";

    /// <summary>401: the access token is not valid: not ours, for something else, or revoked.</summary>
    public const string InvalidToken = Prefix + "invalid-token";

    /// <summary>400: a form without the token of its page, or with one that is out of date.</summary>
    public const string StaleForm = Prefix + "stale-form";

    /// <summary>400: a sign-in in the browser was begun elsewhere, took too long or was used already.</summary>
    public const string SignInFailed = Prefix + "sign-in-failed";

    /// <summary>401: a webhook's signature is missing, wrong or too old.</summary>
    public const string InvalidSignature = Prefix + "invalid-signature";

    /// <summary>403: the credential does not allow this.</summary>
    public const string Forbidden = Prefix + "forbidden";

    /// <summary>403: the API key is good, and may not be used from the caller's address.</summary>
    public const string KeyNotAllowedHere = Prefix + "key-not-allowed-here";

    /// <summary>404: no such thing, or none that the caller may see.</summary>
    public const string NotFound = Prefix + "not-found";

    /// <summary>405: the address exists, the method does not.</summary>
    public const string MethodNotAllowed = Prefix + "method-not-allowed";

    /// <summary>409: the request collides with the present state.</summary>
    public const string Conflict = Prefix + "conflict";

    /// <summary>413: the body is larger than this route allows.</summary>
    public const string TooLarge = Prefix + "too-large";

    /// <summary>415: the body's media type is not understood.</summary>
    public const string UnsupportedMediaType = Prefix + "unsupported-media-type";

    /// <summary>422: understood, and impossible.</summary>
    public const string Unprocessable = Prefix + "unprocessable";

    /// <summary>429: a limit is reached; <c>Retry-After</c> says when to come back.</summary>
    public const string TooManyRequests = Prefix + "too-many-requests";

    /// <summary>500: a fault of ours.</summary>
    public const string Internal = Prefix + "internal";

    /// <summary>502: a service behind the gateway did not answer properly.</summary>
    public const string BadGateway = Prefix + "bad-gateway";

    /// <summary>503: a dependency is away for the moment.</summary>
    public const string Unavailable = Prefix + "unavailable";

    /// <summary>504: a service behind the gateway took too long.</summary>
    public const string Timeout = Prefix + "timeout";

    /// <summary>The type that stands for a status code.</summary>
    /// <param name="status">An HTTP status of 400 or more.</param>
    /// <returns>A stable URN.</returns>
    public static string Of(int status) => status switch
    {
        StatusCodes.Status400BadRequest => Invalid,
        StatusCodes.Status401Unauthorized => Unauthenticated,
        StatusCodes.Status403Forbidden => Forbidden,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status409Conflict => Conflict,
        StatusCodes.Status413PayloadTooLarge => TooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        StatusCodes.Status422UnprocessableEntity => Unprocessable,
        StatusCodes.Status429TooManyRequests => TooManyRequests,
        StatusCodes.Status502BadGateway => BadGateway,
        StatusCodes.Status503ServiceUnavailable => Unavailable,
        StatusCodes.Status504GatewayTimeout => Timeout,
        >= 500 => Internal,
        _ => Invalid,
    };
}
