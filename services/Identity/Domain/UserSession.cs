namespace BotGeneric.Identity.Domain;

/// <summary>
/// One sign-in of a person on one device. Its id is the <c>sid</c> of every token that follows from it, so ending it ends them.
/// </summary>
public sealed class UserSession
{
    /// <summary>The longest description of a browser that is kept.</summary>
    public const int MaximumUserAgent = 300;

    private const string SecondFactor = "mfa";
    private static readonly string[] SecondFactors = ["otp", "rc", "hwk"];

    private UserSession()
    {
    }

    /// <summary>The session; <c>sid</c> in tokens.</summary>
    public Guid Id { get; private init; }

    /// <summary>Whose it is.</summary>
    public Guid UserId { get; private init; }

    /// <summary>When it began, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>When it was used last, UTC, to the minute.</summary>
    public DateTimeOffset LastSeenAt { get; private set; }

    /// <summary>When it ends whatever happens, UTC.</summary>
    public DateTimeOffset ExpiresAt { get; private init; }

    /// <summary>When it was ended before its time, UTC.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>When the person last showed a credential in it, UTC; <c>auth_time</c> in tokens.</summary>
    public DateTimeOffset AuthenticatedAt { get; private set; }

    /// <summary>What was shown, as <c>amr</c> values of RFC 8176: <c>pwd</c>, <c>otp</c>, <c>hwk</c>, <c>mfa</c>, …, and <c>google</c>, <c>apple</c>, <c>telegram</c>.</summary>
    public string[] Methods { get; private set; } = [];

    /// <summary>The address it was last used from; null once forgotten.</summary>
    public string? IpAddress { get; private set; }

    /// <summary>The browser it was last used with.</summary>
    public string? UserAgent { get; private set; }

    /// <summary>The organization in whose name the person acts in it; null: in one's own.</summary>
    public Guid? OrganizationId { get; private set; }

    /// <summary>The admin who acts as the person in it; null in the person's own sign-ins.</summary>
    public Guid? ActorId { get; private init; }

    /// <summary>The admin's own session from which that began, and with which it ends.</summary>
    public Guid? ActorSessionId { get; private init; }

    /// <summary>The application that was signed in with a device code; null: a browser. Nobody can show a credential in such a session.</summary>
    public string? ClientId { get; private init; }

    /// <summary>
    /// The token server's authorization that the tokens of a device follow from; null for a browser, and for a device until it first refreshes under a version that knows it.
    /// No two sessions have the same.
    /// </summary>
    public Guid? AuthorizationId { get; private set; }

    /// <summary>When a second factor was last shown in it, UTC; null: never, or before this was noted.</summary>
    public DateTimeOffset? SecondFactorAt { get; private set; }

    /// <summary>Whether an admin acts as the person in it: then it is no sign-in of the person's.</summary>
    public bool IsImpersonation => ActorId is not null;

    /// <summary>Whether a second factor was shown in it.</summary>
    public bool HasSecondFactor => Methods.Contains(SecondFactor);

    /// <summary>A new session. It always gets an id of its own: nothing of what a browser sent before signing in lives on in it.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="methods">What was shown.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="lifetime">How long it may last.</param>
    /// <param name="ipAddress">From where.</param>
    /// <param name="userAgent">With what.</param>
    public static UserSession Start(
        Guid userId, IReadOnlyCollection<string> methods, DateTimeOffset now, TimeSpan lifetime, string? ipAddress, string? userAgent) => new()
        {
            Id = Guid.CreateVersion7(now),
            UserId = userId,
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + lifetime,
            AuthenticatedAt = now,
            Methods = [.. methods.Distinct()],
            SecondFactorAt = methods.Contains(SecondFactor) ? now : null,
            IpAddress = ipAddress,
            UserAgent = Shortened(userAgent),
        };

    /// <summary>The session of an application that somebody allowed with the code that it showed. It is the person's, and goes on when the browser's ends.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="clientId">The application.</param>
    /// <param name="authorizationId">What its tokens follow from.</param>
    /// <param name="authenticatedAt">When a credential was shown in the browser, UTC.</param>
    /// <param name="methods">What was shown there.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="lifetime">How long it may last.</param>
    /// <param name="ipAddress">From where.</param>
    /// <param name="userAgent">What the application calls itself.</param>
    public static UserSession OfDevice(
        Guid userId, string clientId, Guid? authorizationId, DateTimeOffset authenticatedAt, IEnumerable<string> methods, DateTimeOffset now, TimeSpan lifetime, string? ipAddress,
        string? userAgent) => new()
        {
            Id = Guid.CreateVersion7(now),
            UserId = userId,
            ClientId = clientId,
            AuthorizationId = authorizationId,
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + lifetime,
            AuthenticatedAt = authenticatedAt,
            Methods = [.. methods.Distinct()],
            IpAddress = ipAddress,
            UserAgent = Shortened(userAgent),
        };

    /// <summary>
    /// A session in which an admin acts as a person. Nobody showed a credential of the person's in it, so it is never fresh and never has a second factor,
    /// and it ends with the admin's session at the latest.
    /// </summary>
    /// <param name="userId">The person.</param>
    /// <param name="admin">The admin's own session.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="lifetime">How long it may last.</param>
    /// <param name="ipAddress">From where.</param>
    /// <param name="userAgent">With what.</param>
    public static UserSession Impersonate(
        Guid userId, UserSession admin, DateTimeOffset now, TimeSpan lifetime, string? ipAddress, string? userAgent)
    {
        ArgumentNullException.ThrowIfNull(admin);
        if (admin.IsImpersonation || admin.UserId == userId)
        {
            throw new InvalidOperationException("Only somebody else can be impersonated, and only from a sign-in of one's own.");
        }

        return new UserSession
        {
            Id = Guid.CreateVersion7(now),
            UserId = userId,
            ActorId = admin.UserId,
            ActorSessionId = admin.Id,
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = now + lifetime < admin.ExpiresAt ? now + lifetime : admin.ExpiresAt,
            AuthenticatedAt = DateTimeOffset.UnixEpoch,
            IpAddress = ipAddress,
            UserAgent = Shortened(userAgent),
        };
    }

    /// <summary>Whether it counts at this time.</summary>
    /// <param name="now">The time, UTC.</param>
    /// <param name="idle">After how long without use it does not.</param>
    public bool IsAlive(DateTimeOffset now, TimeSpan idle) => RevokedAt is null && now < ExpiresAt && now < LastSeenAt + idle;

    /// <summary>Notes a use.</summary>
    /// <param name="now">The time, UTC.</param>
    /// <param name="ipAddress">From where.</param>
    /// <param name="userAgent">With what.</param>
    public void Touch(DateTimeOffset now, string? ipAddress, string? userAgent)
    {
        LastSeenAt = now > LastSeenAt ? now : LastSeenAt;
        IpAddress = ipAddress;
        UserAgent = Shortened(userAgent);
    }

    /// <summary>The person showed a credential again, or one more.</summary>
    /// <param name="methods">What was shown.</param>
    /// <param name="now">The time, UTC.</param>
    public void Authenticated(IEnumerable<string> methods, DateTimeOffset now)
    {
        if (IsImpersonation)
        {
            throw new InvalidOperationException("Whoever impersonates shows no credential of the person's.");
        }

        string[] shown = [.. methods];
        AuthenticatedAt = now;
        SecondFactorAt = shown.Contains(SecondFactor) ? now : SecondFactorAt;
        Methods = [.. Methods.Concat(shown).Distinct()];
    }

    /// <summary>Kinds of credentials are worth nothing any more, because the person has none of them left. Without any second factor the session is one of a single factor.</summary>
    /// <param name="methods">The kinds, as <c>amr</c> values.</param>
    public void Forget(params IReadOnlyCollection<string> methods)
    {
        string[] left = [.. Methods.Except(methods)];
        if (!left.Any(SecondFactors.Contains))
        {
            left = [.. left.Where(method => method != SecondFactor)];
            SecondFactorAt = null;
        }

        Methods = left;
    }

    /// <summary>Notes what the tokens of a device follow from, where that is not known. It never changes.</summary>
    /// <param name="authorizationId">The authorization.</param>
    public void FollowsFrom(Guid authorizationId)
    {
        if (ClientId is not null)
        {
            AuthorizationId ??= authorizationId;
        }
    }

    /// <summary>Acts in the name of an organization from now on, or in one's own.</summary>
    /// <param name="organizationId">The organization, or null.</param>
    public void ActFor(Guid? organizationId) => OrganizationId = organizationId;

    /// <summary>Ends it; ending it again keeps the first time.</summary>
    /// <param name="now">The time, UTC.</param>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;

    private static string? Shortened(string? userAgent) => userAgent is { Length: > MaximumUserAgent } ? userAgent[..MaximumUserAgent] : userAgent;
}
