namespace BotGeneric.Identity.Accounts.Throttling;

/// <summary>How attempts of a kind are slowed down: some are free, then each waits twice as long as the one before. Nobody is ever locked out.</summary>
/// <param name="Name">The kind; part of the counter's name.</param>
/// <param name="Free">How many come without a wait.</param>
/// <param name="FirstDelay">The wait after those.</param>
/// <param name="MaximumDelay">The longest wait.</param>
/// <param name="Memory">After how long without an attempt everything is forgotten.</param>
public sealed record ThrottleRule(string Name, int Free, TimeSpan FirstDelay, TimeSpan MaximumDelay, TimeSpan Memory)
{
    /// <summary>Passwords for one account from browsers that never signed in to it.</summary>
    public static ThrottleRule Account { get; } = new("account", 5, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(2), TimeSpan.FromHours(1));

    /// <summary>
    /// Passwords for one account from a browser that signed in to it before. It has a counter of its own, so that a stranger who guesses
    /// never makes the owner wait.
    /// </summary>
    public static ThrottleRule KnownBrowser { get; } = Account with { Name = "browser" };

    /// <summary>Passwords from one address, for whatever accounts.</summary>
    public static ThrottleRule Address { get; } = new("address", 30, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));

    /// <summary>Second factors of one account, across sign-ins.</summary>
    public static ThrottleRule SecondFactor { get; } = new("factor", 10, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(2));

    /// <summary>Second factors within one sign-in: five, then it begins anew.</summary>
    public static ThrottleRule SecondFactorOfOneSignIn { get; } = new("sign-in", 5, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(15));

    /// <summary>Codes of devices that one person types: ten, then minutes pass.</summary>
    public static ThrottleRule DeviceCode { get; } = new("device-code", 10, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10));

    /// <summary>Messages to one address. Beyond it the page answers as always and nothing is sent.</summary>
    public static ThrottleRule Mail { get; } = new("mail", 3, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromHours(24));

    /// <summary>Registrations and forgotten passwords from one address.</summary>
    public static ThrottleRule Form { get; } = new("form", 30, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1));

    /// <summary>The wait that follows an attempt.</summary>
    /// <param name="attempts">Attempts so far, this one included.</param>
    public TimeSpan DelayAfter(long attempts)
    {
        if (attempts < Free)
        {
            return TimeSpan.Zero;
        }

        var doublings = Math.Min(attempts - Free, 30);
        var delay = TimeSpan.FromTicks(FirstDelay.Ticks << (int)doublings);
        return delay > MaximumDelay || delay < FirstDelay ? MaximumDelay : delay;
    }
}
