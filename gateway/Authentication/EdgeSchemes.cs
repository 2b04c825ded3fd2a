using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace BotGeneric.Gateway.Authentication;

/// <summary>The names of the gateway's authentication schemes.</summary>
internal static class EdgeSchemes
{
    /// <summary>The default: finds out which credential a request carries and asks the scheme for it.</summary>
    internal const string Edge = "edge";

    /// <summary>The session cookie.</summary>
    internal const string Session = "session";

    /// <summary>The sign-in at Identity.</summary>
    internal const string SignIn = "oidc";

    /// <summary>An access token of Identity, presented by its owner: the scheme that every service has.</summary>
    internal const string AccessToken = JwtBearerDefaults.AuthenticationScheme;
}
