namespace BotGeneric.Simulators.SignIn.Protocol;

/// <summary>An authorization request that a provider accepted.</summary>
/// <param name="Client">Who asks.</param>
/// <param name="RedirectUri">Where the answer goes.</param>
/// <param name="Scopes">What is asked for.</param>
/// <param name="ResponseMode"><c>query</c>, <c>fragment</c> or <c>form_post</c>.</param>
/// <param name="Parameters">Everything that was sent.</param>
internal sealed record AuthorizeRequest(ClientOptions Client, string RedirectUri, string[] Scopes, string ResponseMode, OAuthParameters Parameters)
{
    internal string? State => Parameters["state"];

    internal string? Nonce => Parameters["nonce"];

    internal string? CodeChallenge => Parameters["code_challenge"];

    // RFC 7636 section 4.3: plain when it is not said.
    internal string CodeChallengeMethod => Parameters["code_challenge_method"] ?? "plain";

    internal bool Asks(string scope) => Scopes.Contains(scope, StringComparer.Ordinal);
}

/// <summary>What a person granted: the subject of a code and of the tokens that came of it.</summary>
/// <param name="request">What was asked for.</param>
/// <param name="person">Who granted it.</param>
/// <param name="outcome">How it is to go wrong.</param>
/// <param name="grantedAt">When.</param>
internal sealed class Grant(AuthorizeRequest request, TestPerson person, ForcedOutcome? outcome, DateTimeOffset grantedAt)
{
    private int _isUsed;
    private int _isFailed;
    private volatile bool _isRevoked;

    internal AuthorizeRequest Request => request;

    internal TestPerson Person => person;

    internal ForcedOutcome? Outcome => outcome;

    internal DateTimeOffset GrantedAt => grantedAt;

    internal bool IsRevoked => _isRevoked;

    /// <summary>Whether the person granted this client something before.</summary>
    internal bool IsFirst { get; init; }

    internal bool EmailVerified => person.EmailVerified && outcome is not ForcedOutcome.UnverifiedEmail;

    /// <summary>Uses the code up. False when it was used before.</summary>
    internal bool TryUse() => Interlocked.Exchange(ref _isUsed, 1) == 0;

    /// <summary>True once, when the token endpoint is to be unavailable.</summary>
    internal bool FailsNow() => outcome is ForcedOutcome.TokenEndpointUnavailable && Interlocked.Exchange(ref _isFailed, 1) == 0;

    internal void Revoke() => _isRevoked = true;
}

/// <summary>A token that can be looked up.</summary>
/// <param name="Grant">What it stands for.</param>
/// <param name="IsRefresh">Whether it is a refresh token; else an access token.</param>
internal sealed record IssuedToken(Grant Grant, bool IsRefresh);
