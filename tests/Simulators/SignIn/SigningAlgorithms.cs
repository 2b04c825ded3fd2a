namespace BotGeneric.Simulators.SignIn;

/// <summary>The names of signature algorithms, RFC 7518 section 3.1.</summary>
internal static class SigningAlgorithms
{
    internal const string Rs256 = "RS256";

    internal const string Es256 = "ES256";
}
