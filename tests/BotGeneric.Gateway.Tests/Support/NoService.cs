namespace BotGeneric.Gateway.Tests.Support;

/// <summary>A service that is not running.</summary>
internal static class NoService
{
    /// <summary>
    /// Where nobody listens. A port that was found free may be another test's a moment later; this one, of the discard service, is given to nobody.
    /// </summary>
    internal const string Address = "http://127.0.0.1:9";
}
